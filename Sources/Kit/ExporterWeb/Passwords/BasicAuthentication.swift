internal import FoundationEssentials
internal import NIOPosix

/// Verifies user names and passwords.
///
/// bcrypt is slow so that stolen hashes resist guessing, which also makes it a means of overloading the machine. Therefore checks run one
/// at a time, on a thread that may block, and only a few may wait. A password that has been verified before is not checked again and does
/// not wait behind guessing attempts.
package actor BasicAuthentication {
    package enum Verdict: Sendable, Hashable {
        case accepted, refused
        /// Too many passwords are waiting to be checked.
        case busy
    }

    /// The maximum number of checks waiting for the running one.
    static let maximumWaiting = 8

    private nonisolated let setting = RememberedPasswords.setting()
    private nonisolated let verify: @Sendable (BcryptHash, [UInt8]) async -> Bool
    private var remembered = RememberedPasswords()
    private var isChecking = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init() {
        self.init { hash, password in
            // The pool for blocking work, so that Swift's few concurrency threads stay free.
            (try? await NIOThreadPool.singleton.runIfActive { hash.matches(password) }) ?? false
        }
    }

    /// - Parameter verify: compares a password with its hash.
    init(verify: @escaping @Sendable (BcryptHash, [UInt8]) async -> Bool) {
        self.verify = verify
    }

    /// Verifies a request's `Authorization` header.
    ///
    /// A wrong password takes as long as an unknown user: both cost a digest and a bcrypt check.
    package nonisolated func judge(authorization: String?, among users: BasicAuthenticationUsers) async -> Verdict {
        guard let credentials = authorization.flatMap(BasicCredentials.init(authorization:)),
            let digest = RememberedPasswords.digest(of: credentials.password, setting),
            let hash = users.hash(of: credentials.name) ?? users.substitute(for: credentials.name)
        else { return .refused }
        let isKnown = users.hash(of: credentials.name) != nil
        return await judge(credentials, digest, hash, isKnown, users)
    }

    private func judge(
        _ credentials: BasicCredentials, _ digest: RememberedPasswords.Digest, _ hash: BcryptHash, _ isKnown: Bool,
        _ users: BasicAuthenticationUsers
    ) async -> Verdict {
        let wasVerified = { [self] in isKnown && remembered.contains(digest, of: credentials.name, verifiedAgainst: hash) }
        if wasVerified() { return .accepted }
        guard await takeTurn() else { return .busy }
        defer { endTurn() }
        // The previous check may have had the same password, or the client may have disconnected.
        if wasVerified() { return .accepted }
        if Task.isCancelled { return .refused }
        guard await verify(hash, credentials.password), isKnown else { return .refused }
        remembered.insert(digest, of: credentials.name, verifiedAgainst: hash, among: users)
        return .accepted
    }

    /// Waits until no check is running; false when too many are waiting already.
    private func takeTurn() async -> Bool {
        guard isChecking else {
            isChecking = true
            return true
        }
        guard waiting.count < Self.maximumWaiting else { return false }
        await withCheckedContinuation { waiting.append($0) }
        return true
    }

    /// Hands over to the check that has waited longest.
    private func endTurn() {
        if waiting.isEmpty { isChecking = false } else { waiting.removeFirst().resume() }
    }
}

/// The user name and password from an `Authorization` header (RFC 7617).
struct BasicCredentials: Sendable, CustomReflectable {
    let name: [UInt8]
    let password: [UInt8]

    init(name: [UInt8], password: [UInt8]) {
        self.name = name
        self.password = password
    }

    /// Nil when the header is malformed or its scheme is not Basic.
    init?(authorization: String) {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", parts[1].utf8.count <= 4096,
            let decoded = Data(base64Encoded: String(parts[1].drop { $0 == " " })),
            let colon = decoded.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        name = Array(decoded[..<colon])
        password = Array(decoded[decoded.index(after: colon)...])
    }

    /// Hides the password.
    var customMirror: Mirror { Mirror(self, children: []) }
}

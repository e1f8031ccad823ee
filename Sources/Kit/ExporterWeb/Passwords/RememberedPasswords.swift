/// The passwords that have been verified, so that a scrape does not cost a bcrypt check each time.
///
/// Passwords are kept as salted SHA-256 hashes, made by libcrypt with its minimum number of rounds. This takes about a millisecond at most,
/// a fiftieth of bcrypt's time: only the bytes that bcrypt uses are hashed, since the time grows with the length. The salt is random for each process and never leaves it. Wrong passwords are not remembered, so each guess
/// costs a bcrypt check.
struct RememberedPasswords: Sendable {
    private struct Entry {
        let hash: BcryptHash
        let digest: [UInt8]
    }

    /// A remembered password.
    struct Digest: Sendable, Hashable, CustomReflectable {
        fileprivate let bytes: [UInt8]

        var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// At most one per user, since only one password matches a hash.
    private var entries: [[UInt8]: Entry] = [:]

    /// Creates the hash setting for remembered passwords.
    static func setting() -> String {
        let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var random = SystemRandomNumberGenerator()
        return "$5$rounds=1000$" + String((0..<16).map { _ in alphabet[Int.random(in: alphabet.indices, using: &random)] })
    }

    /// Passwords that bcrypt does not tell apart have the same digest.
    /// - Returns: nil when the password cannot be valid for any user.
    static func digest(of password: [UInt8], _ setting: String) -> Digest? {
        guard PasswordHashing.accepts(password) else { return nil }
        return PasswordHashing.hash(Array(password.prefix(BcryptHash.passwordBytes)), setting).map(Digest.init)
    }

    /// Whether this password was verified against this hash before.
    func contains(_ digest: Digest, of name: [UInt8], verifiedAgainst hash: BcryptHash) -> Bool {
        guard let entry = entries[name], entry.hash == hash else { return false }
        return ConstantTime.areEqual(entry.digest, digest.bytes)
    }

    /// Remembers a verified password, and forgets those of removed users.
    mutating func insert(
        _ digest: Digest, of name: [UInt8], verifiedAgainst hash: BcryptHash, among users: BasicAuthenticationUsers
    ) {
        entries[name] = Entry(hash: hash, digest: digest.bytes)
        entries = entries.filter { users.hash(of: $0.key) == $0.value.hash }
    }
}

/// Comparisons whose time does not depend on the position of the first difference.
enum ConstantTime {
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

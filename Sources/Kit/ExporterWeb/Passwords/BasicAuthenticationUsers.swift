internal import Configuration

/// The users allowed by `basic_auth_users`, and their password hashes.
package struct BasicAuthenticationUsers: Sendable, Hashable {
    /// By the bytes of the user name: Swift's string comparison treats some different byte sequences as equal.
    private let hashes: [[UInt8]: BcryptHash]
    /// In file order.
    private let names: [[UInt8]]

    /// No users, which disables authentication.
    package init() {
        hashes = [:]
        names = []
    }

    init(_ node: YAMLNode) throws(YAMLError) {
        var hashes: [[UInt8]: BcryptHash] = [:]
        var names: [[UInt8]] = []
        for entry in try node.entries(of: WebConfigurationKey.users.rawValue) {
            // RFC 7617 section 2: the name ends at the first colon.
            guard !entry.key.isEmpty, !entry.key.contains(":") else {
                throw YAMLError(at: entry.keyPosition, "a user name must not be empty or contain a colon")
            }
            guard let hash = BcryptHash(try entry.value.text(of: "the password hash")) else {
                throw YAMLError(
                    at: entry.value.position,
                    "not a bcrypt hash of a password; create one with: htpasswd -nBC 10 \"\" | tr -d ':\\n'")
            }
            hashes[Array(entry.key.utf8)] = hash
            names.append(Array(entry.key.utf8))
        }
        self.hashes = hashes
        self.names = names
    }

    package var isEmpty: Bool { hashes.isEmpty }

    /// A user's password hash; nil for an unknown user.
    func hash(of name: [UInt8]) -> BcryptHash? { hashes[name] }

    /// The hash to check for an unknown user, so that the check takes as long as for a known one.
    ///
    /// It is always the same for a given name, selected by a secret hash, so that an unknown user looks like a known one even if costs
    /// differ. Nil when there are no users.
    func substitute(for name: [UInt8]) -> BcryptHash? {
        guard !names.isEmpty else { return nil }
        var hasher = Hasher()  // Randomly seeded for each process.
        hasher.combine(name)
        let index = Int(UInt(bitPattern: hasher.finalize()) % UInt(names.count))
        return hashes[names[index]]
    }
}

internal import Configuration

/// What `basic_auth_users` says: who may ask, and the hashes of their passwords.
package struct BasicAuthenticationUsers: Sendable, Hashable {
    /// By the bytes of the user's name: Swift takes texts for equal that differ in bytes.
    private let hashes: [[UInt8]: BcryptHash]
    /// In the order of the file.
    private let names: [[UInt8]]

    /// Nobody, which lets everybody ask.
    package init() {
        hashes = [:]
        names = []
    }

    init(_ node: YAMLNode) throws(YAMLError) {
        var hashes: [[UInt8]: BcryptHash] = [:]
        var names: [[UInt8]] = []
        for entry in try node.entries(of: WebConfigurationKey.users.rawValue) {
            // RFC 7617 section 2: the first colon ends the name.
            guard !entry.key.isEmpty, !entry.key.contains(":") else {
                throw YAMLError(at: entry.keyPosition, "a user's name must not be empty and not hold a colon")
            }
            guard let hash = BcryptHash(try entry.value.text(of: "the password's hash")) else {
                throw YAMLError(
                    at: entry.value.position,
                    "this is not a bcrypt hash of a password; make one with: htpasswd -nBC 10 \"\" | tr -d ':\\n'")
            }
            hashes[Array(entry.key.utf8)] = hash
            names.append(Array(entry.key.utf8))
        }
        self.hashes = hashes
        self.names = names
    }

    package var isEmpty: Bool { hashes.isEmpty }

    /// The hash of a user's password; nil for one that is not in the file.
    func hash(of name: [UInt8]) -> BcryptHash? { hashes[name] }

    /// The hash that is checked in place of that of an unknown user, so that the check takes as long.
    ///
    /// It is always the same for the same name, chosen by a hash that nobody outside can compute: where costs differ, an unknown
    /// user looks like one of those that there are. Nil when there are no users.
    func substitute(for name: [UInt8]) -> BcryptHash? {
        guard !names.isEmpty else { return nil }
        var hasher = Hasher()  // Seeded at random for each process.
        hasher.combine(name)
        let index = Int(UInt(bitPattern: hasher.finalize()) % UInt(names.count))
        return hashes[names[index]]
    }
}

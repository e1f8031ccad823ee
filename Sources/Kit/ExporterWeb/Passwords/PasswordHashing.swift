internal import CCrypt

/// Password hashing by the system's libcrypt.
enum PasswordHashing {
    /// libcrypt's limit (`CRYPT_MAX_PASSPHRASE_SIZE` includes the zero byte).
    static let maximumPasswordBytes = 511

    /// Whether libcrypt can hash the password. It ignores everything after a zero byte, so different passwords would have the same hash.
    static func accepts(_ password: [UInt8]) -> Bool {
        password.count <= maximumPasswordBytes && !password.contains(0)
    }

    /// Hashes a password. This is slow and must not happen on the event loop.
    /// - Parameter setting: method, cost and salt, which are the prefix of a hash; a whole hash works as well.
    /// - Returns: nil when libcrypt does not support the setting or the password.
    static func hash(_ password: [UInt8], _ setting: String) -> [UInt8]? {
        guard accepts(password) else { return nil }
        var phrase = password + [0]
        var result = [CChar](repeating: 0, count: 384)  // CRYPT_OUTPUT_SIZE
        let isHashed = phrase.withUnsafeBytes { phrase in
            phrase.withMemoryRebound(to: CChar.self) { phrase in
                phrase.baseAddress.map { ccrypt_hash($0, setting, &result, result.count) } ?? false
            }
        }
        phrase.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
        }
        guard isHashed else { return nil }
        return result.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }
}

/// A password's bcrypt hash. Its description hides it, because a leaked hash allows offline guessing.
package struct BcryptHash: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// How many bytes of a password bcrypt uses; it ignores the others.
    static let passwordBytes = 72

    /// `$2y$10$`, then 22 characters of salt and 31 of hash.
    private let text: String
    /// The binary logarithm of the number of rounds; each increment doubles the time of a check.
    package let cost: Int

    /// Parses a hash as written by `htpasswd -B` and most tools; nil when it is invalid.
    ///
    /// The variants `2a`, `2b` and `2y` differ only for passwords of more than 255 bytes. `2x` marks hashes made by a faulty
    /// implementation.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 60, ["$2a$", "$2b$", "$2y$"].contains(text.prefix(4)), bytes[6] == UInt8(ascii: "$"),
            bytes[4...5].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let cost = Int(text.dropFirst(4).prefix(2)), (4...31).contains(cost),
            bytes[7...].allSatisfy({ Self.alphabet.contains($0) })
        else { return nil }
        self.text = text
        self.cost = cost
    }

    private static let alphabet = Set("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// Whether a password matches the hash. A check takes about 50 milliseconds at cost 10, and twice as long for each increment.
    package func matches(_ password: [UInt8]) -> Bool {
        guard let hash = PasswordHashing.hash(password, text) else { return false }
        return ConstantTime.areEqual(hash, Array(text.utf8))
    }

    package var description: String { "<bcrypt hash>" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

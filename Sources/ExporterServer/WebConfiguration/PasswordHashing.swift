internal import CCrypt

/// The password hashes of the system's libcrypt.
enum PasswordHashing {
    /// What libcrypt takes at most (`CRYPT_MAX_PASSPHRASE_SIZE`, with the zero byte).
    static let maximumPasswordBytes = 511

    /// Hashes a password, which may take long and must not happen on the event loop.
    /// - Parameter setting: method, cost and salt, as at the beginning of a hash; a whole hash is as good.
    /// - Returns: nil when the setting is none that libcrypt knows, or the password cannot be given to it.
    static func hash(_ password: [UInt8], _ setting: String) -> [UInt8]? {
        // A zero byte would end the password early for libcrypt, and with it the comparison.
        guard password.count <= maximumPasswordBytes, !password.contains(0) else { return nil }
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

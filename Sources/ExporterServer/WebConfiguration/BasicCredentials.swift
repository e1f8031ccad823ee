internal import FoundationEssentials

/// A user's name and password as the header `Authorization` brings them (RFC 7617).
struct BasicCredentials: Sendable, CustomReflectable {
    let name: [UInt8]
    let password: [UInt8]

    init(name: [UInt8], password: [UInt8]) {
        self.name = name
        self.password = password
    }

    /// Nil when the header is not of the scheme Basic, or not well-formed.
    init?(authorization: String) {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", parts[1].utf8.count <= 4096,
            let decoded = Data(base64Encoded: String(parts[1].drop { $0 == " " })),
            let colon = decoded.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        name = Array(decoded[..<colon])
        password = Array(decoded[decoded.index(after: colon)...])
    }

    /// Shows nothing.
    var customMirror: Mirror { Mirror(self, children: []) }
}

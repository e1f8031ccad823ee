/// The pseudonyms of one recording. They are numbered in the order of appearance, so they reveal nothing about the texts that they replace.
/// The table exists in memory only and is discarded with the recorder.
package struct Pseudonyms: Sendable {
    /// What a pseudonym replaces; the raw value is its first part.
    package enum Kind: String, Sendable, CaseIterable {
        case bucket, bucketName = "bucket-name", cloudBucket = "cloud-bucket"
        case repository, repositoryName = "repository-name", folder
        case workspace, workspaceName = "workspace-name"
        case node, nodeName = "node-name", address
        case subscription, subscriptionName = "subscription-name", capability
        case region, version, etag
        case field, segment, other
    }

    private var numbers: [Kind: [String: Int]] = [:]
    private var texts: Set<String> = []

    package init() {}

    /// How many pseudonyms there are, by kind.
    package var counts: [(kind: Kind, count: Int)] {
        Kind.allCases.compactMap { kind in numbers[kind].map { (kind, $0.count) } }
    }

    /// Whether a text has been replaced, under any kind.
    func contains(_ text: String) -> Bool { texts.contains(text) }

    /// The number of a text within its kind.
    mutating func number(of text: String, _ kind: Kind) -> Int {
        if let number = numbers[kind]?[text] { return number }
        let number = (numbers[kind]?.count ?? 0) + 1
        numbers[kind, default: [:]][text] = number
        texts.insert(text)
        return number
    }

    /// The pseudonym of a text, in a similar form: the pseudonym of an address can be parsed as an address.
    mutating func pseudonym(of text: String, _ kind: Kind) -> String {
        // There is nothing to hide, and an empty text differs from a missing one.
        if text.isEmpty { return "" }
        let number = number(of: text, kind)
        switch kind {
        case .node: return Self.node(number, like: text)
        case .address: return Self.address(number, like: text)
        default: return "\(kind.rawValue)-\(number)"
        }
    }

    /// Addresses of networks that are reserved for benchmarks and documents (RFC 2544, RFC 3849).
    private static func node(_ number: Int, like text: String) -> String {
        let bytes = Array(text.utf8)
        let isDigitOrDot = { (byte: UInt8) in (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".") }
        if number < 1 << 17, bytes.filter({ $0 == UInt8(ascii: ".") }).count == 3, bytes.allSatisfy(isDigitOrDot) {
            return "198.\(18 + number >> 16).\(number >> 8 & 255).\(number & 255)"
        }
        if bytes.filter({ $0 == UInt8(ascii: ":") }).count >= 2 {
            return "2001:db8::\(String(number >> 16, radix: 16)):\(String(number & 0xFFFF, radix: 16))"
        }
        return "node-\(number)"
    }

    /// An address that cannot be parsed gets a pseudonym that cannot be parsed either.
    private static func address(_ number: Int, like text: String) -> String {
        guard ProviderAddress(parsing: text) != nil else {
            // A pattern of hosts is not an address, but it is exported if it has none of these characters.
            return text.contains { "/@?#".contains($0) } ? "/address-\(number)" : "address-\(number)"
        }
        for scheme in ["https://", "http://"] where text.lowercased().hasPrefix(scheme) {
            return "\(scheme)address-\(number).example"
        }
        return "address-\(number).example"
    }
}

/// What the page's address asks for: `?page=2&q=name`. Whatever else it says does not matter, nor what cannot be understood.
struct PageQuery: Sendable, Hashable {
    /// The longest text that is searched for, in Unicode scalars.
    private static let longestSearch = 200

    /// Counted from 1.
    var page = 1
    /// The text that the buckets' names or identifiers contain; empty for all buckets.
    var search = ""

    init(page: Int = 1, search: String = "") {
        self.page = page
        self.search = search
    }

    /// - Parameter query: what stands behind the question mark, percent-encoded.
    init(_ query: Substring?) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "page": page = Int(parts[1]).map { max(1, $0) } ?? 1
            case "q": search = String(String.UnicodeScalarView(Self.decoded(parts[1]).unicodeScalars.prefix(Self.longestSearch)))
            default: break
            }
        }
    }

    /// The address of a page with the same search, to stand in a link.
    func link(toPage page: Int) -> String {
        "?page=\(page)" + (search.isEmpty ? "" : "&q=\(Self.encoded(search))")
    }

    /// As browsers encode what a form holds (the URL standard's `application/x-www-form-urlencoded`); bytes that are not UTF-8 are
    /// repaired.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

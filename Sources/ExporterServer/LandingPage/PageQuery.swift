internal import HTTPListener

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
        let parameters = QueryParameters(query)
        if let number = parameters["page"].last.flatMap({ Int($0) }) { page = max(1, number) }
        if let text = parameters["q"].last {
            search = String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.longestSearch)))
        }
    }

    /// The address of a page with the same search, to stand in a link.
    func link(toPage page: Int) -> String {
        "?page=\(page)" + (search.isEmpty ? "" : "&q=\(Self.encoded(search))")
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

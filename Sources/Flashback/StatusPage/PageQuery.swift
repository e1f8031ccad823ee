internal import Basics
internal import HTTPServer

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
        "?page=\(page)" + (search.isEmpty ? "" : "&q=\(search.percentEncoded)")
    }
}

/// One page's place among the pages of a list.
struct Paging: Sendable, Hashable {
    /// How many rows a page has.
    static let pageSize = 100

    let rows: Int
    /// Counted from 1: the page asked for, or the last where there are not so many.
    let page: Int

    init(rows: Int, page: Int) {
        self.rows = rows
        self.page = min(max(page, 1), Self.pages(rows))
    }

    /// How many pages there are; one when there is no row.
    var pages: Int { Self.pages(rows) }

    /// The rows of the page, by their places in the list.
    var range: Range<Int> {
        let start = (page - 1) * Self.pageSize
        return start..<min(start + Self.pageSize, rows)
    }

    private static func pages(_ rows: Int) -> Int { max(1, (rows + pageSize - 1) / pageSize) }
}

internal import Basics
internal import HTTPServer

/// The page's query parameters: `?page=2&q=name`. Unknown parameters and invalid values are ignored.
struct PageQuery: Sendable, Hashable {
    /// The longest search text, in Unicode scalars.
    private static let maximumSearchLength = 200

    /// Counted from 1.
    var page = 1
    /// The text to find in the buckets' names or identifiers; empty for all buckets.
    var search = ""

    init(page: Int = 1, search: String = "") {
        self.page = page
        self.search = search
    }

    /// - Parameter query: the percent-encoded query.
    init(_ query: Substring?) {
        let parameters = QueryParameters(query)
        if let number = parameters["page"].last.flatMap({ Int($0) }) { page = max(1, number) }
        if let text = parameters["q"].last {
            search = String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.maximumSearchLength)))
        }
    }

    /// A link to a page of the same search.
    func link(toPage page: Int) -> String {
        "?page=\(page)" + (search.isEmpty ? "" : "&q=\(search.percentEncoded)")
    }
}

/// The current page of a list.
struct Paging: Sendable, Hashable {
    /// The number of rows per page.
    static let pageSize = 100

    let rows: Int
    /// Counted from 1: the requested page, or the last one if there are fewer.
    let page: Int

    init(rows: Int, page: Int) {
        self.rows = rows
        self.page = min(max(page, 1), Self.pages(rows))
    }

    /// The number of pages; one for an empty list.
    var pages: Int { Self.pages(rows) }

    /// The list indices of the page's rows.
    var range: Range<Int> {
        let start = (page - 1) * Self.pageSize
        return start..<min(start + Self.pageSize, rows)
    }

    private static func pages(_ rows: Int) -> Int { max(1, (rows + pageSize - 1) / pageSize) }
}

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

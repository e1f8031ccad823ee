internal import Basics

/// All pages of a traffic breakdown.
package struct TrafficBreakdown: Sendable {
    /// The pages' rows in their order. An entity that moved between two requests may be there twice, or be missing.
    package var rows: [WindowTraffic] = []
    /// The pages, for counting what could not be decoded.
    package var pages: [Rows<WindowTraffic>] = []

    /// Whether all rows could be read.
    package var isComplete: Bool { pages.allSatisfy { $0.malformedRows == 0 } }
}

extension FlashbackClient {
    /// The number of rows to request at once. The maximum is not documented; that of the API's other paged lists is 100.
    private static var rowsPerPage: Int { 100 }
    /// The maximum number of pages: enough for the buckets of the largest supported account.
    private static var mostPages: Int { 1311 }

    /// Reads the pages of a traffic breakdown until all entities have been read. It ends too when a page brings nothing new, as from an
    /// API that ignores the offset.
    package func trafficOfWindow<Dimension: TrafficDimension>(
        by dimension: Dimension.Type
    ) async throws(APIError) -> TrafficBreakdown {
        var traffic = TrafficBreakdown()
        var seen: Set<Identifier> = []
        var offset = 0
        for _ in 0..<Self.mostPages {
            let page = try await send(ReadTrafficBreakdown<Dimension>(limit: Self.rowsPerPage, offset: offset))
            let received = page.rows.rows.count + page.rows.malformedRows
            offset += received
            traffic.pages.append(page.rows)
            traffic.rows += page.rows.rows
            let seenBefore = seen.count
            seen.formUnion(page.rows.rows.map(\.entity))
            // Without a total, a page that is not full is the last one.
            let isLast = page.totalEntities.map { offset >= $0 } ?? (received < Self.rowsPerPage)
            if isLast || seen.count == seenBefore { return traffic }
        }
        throw APIError(ReadTrafficBreakdown<Dimension>.name, .answer(.tooManyRows(name: "entities", limit: offset)))
    }
}

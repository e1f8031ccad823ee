internal import Basics

/// All pages of a traffic breakdown.
extension FlashbackClient {
    /// The number of rows to request at once. The maximum is undocumented; the API's other paged lists allow 100.
    private static var rowsPerPage: Int { 100 }
    /// The maximum number of pages: enough for the buckets of the largest supported account.
    private static var maximumPages: Int { 1311 }

    /// Reads the pages of a traffic breakdown until all entities have been read. Stops early when a page brings nothing new, as from an API
    /// that ignores the offset.
    /// - Returns: the pages' rows in their order. An entity that moved between two requests may occur twice, or be missing.
    package func trafficOfWindow<Dimension: TrafficDimension>(
        by dimension: Dimension.Type
    ) async throws(APIError) -> Rows<WindowTraffic> {
        // A page may be longer than requested, but all of them together must not exceed the largest single answer.
        let maximumRows = ReadTrafficBreakdown<Dimension>.limits.rows
        var traffic = Rows<WindowTraffic>(maximum: maximumRows)
        var seen: Set<Identifier> = []
        var offset = 0
        for _ in 0..<Self.maximumPages {
            let page = try await send(ReadTrafficBreakdown<Dimension>(limit: Self.rowsPerPage, offset: offset))
            let received = page.rows.rows.count + page.rows.malformedRows
            offset += received
            if offset > maximumRows { throw tooMany(Dimension.self, limit: maximumRows) }
            traffic.append(page.rows)
            let seenBefore = seen.count
            seen.formUnion(page.rows.rows.map(\.entity))
            // Without a total, a partly filled page is the last one.
            let isLast = page.totalEntities.map { offset >= $0 } ?? (received < Self.rowsPerPage)
            if isLast || seen.count == seenBefore { return traffic }
        }
        throw tooMany(Dimension.self, limit: offset)
    }

    private func tooMany<Dimension: TrafficDimension>(_: Dimension.Type, limit: Int) -> APIError {
        APIError(ReadTrafficBreakdown<Dimension>.name, .answer(.tooManyRows(name: "entities", limit: limit)))
    }
}

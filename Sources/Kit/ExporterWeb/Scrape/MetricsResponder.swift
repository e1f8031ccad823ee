package import Exposition
package import HTTPServer
package import HTTPTypes

/// Answers requests for the metrics.
struct MetricsResponder: Sendable {
    let scrapeTimeout: ScrapeTimeout
    let selection: ScrapeSelection
    let sources: [MetricSource]

    func respond(to request: ListenerRequest) async -> ListenerResponse {
        do throws(InvalidSelection) {
            return try await metrics(request)
        } catch {
            return .text(.badRequest, error.description)
        }
    }

    private func metrics(_ request: ListenerRequest) async throws(InvalidSelection) -> ListenerResponse {
        let filter = try selection.filter(QueryParameters(request.query))
        let snapshot = await sources.snapshot(
            of: ScrapeScope(timeout: scrapeTimeout.timeout(of: request.head), accounts: filter.accounts))
        try selection.check(filter, in: snapshot)
        do {
            try await snapshot.prepare(for: .negotiated(accept: request.head.headerFields[.accept]), filter: filter)
        } catch {
            // Not sent: the client has disconnected.
            return .text(.serviceUnavailable, "The scrape was cancelled.")
        }
        return snapshot.response(to: request.head, filter: filter)
    }
}

extension MetricSnapshot {
    /// The response with these samples, in the format and content coding that the request prefers.
    package func response(to request: HTTPRequest, filter: SampleFilter = .all) -> ListenerResponse {
        let format = ExpositionFormat.negotiated(accept: request.headerFields[.accept])
        let coding = ContentCoding.negotiated(acceptEncoding: request.headerFields[.acceptEncoding])
        // `Vary`, so that a cached response is not used for a request that accepts something else.
        var fields: HTTPFields = [.contentType: format.contentType, .vary: "Accept, Accept-Encoding"]
        if coding != .identity { fields[.contentEncoding] = coding.rawValue }
        let body = body(in: format, coding: coding, filter: filter)
        return ListenerResponse(
            status: .ok, headerFields: fields,
            body: body.map { piece in ResponsePiece(byteCount: piece.byteCount) { piece.bytes } })
    }
}

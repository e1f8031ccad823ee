internal import FoundationEssentials

/// A request to the API and its response, as one line of a recording. `docs/recording.md` describes the members.
package struct RecordedExchange: Sendable, Hashable {
    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    package var method: String
    /// The documented path, such as `/bucket/{bucketId}/status`; nil for an unknown path.
    package var template: String?
    /// Percent-encoded.
    package var path: String
    /// Percent-encoded, without the question mark; empty for none.
    package var query: String
    /// The request's body as JSON; nil for none.
    package var requestBody: [UInt8]?
    /// Milliseconds since the recording began.
    package var start: Int64
    /// Milliseconds.
    package var duration: Int64
    /// The HTTP status; nil when there was no response.
    package var status: Int?
    /// Why there was no response, such as `timeout`.
    package var failure: String?
    package var headers: [Header]
    /// The response's body as JSON; nil when it was not JSON.
    package var body: [UInt8]?
    /// The length of a body that was not JSON, in bytes.
    package var otherBodyBytes: Int?

    package init(
        method: String, template: String?, path: String, query: String, requestBody: [UInt8]? = nil, start: Int64 = 0,
        duration: Int64 = 0, status: Int? = nil, failure: String? = nil, headers: [Header] = [], body: [UInt8]? = nil,
        otherBodyBytes: Int? = nil
    ) {
        self.method = method
        self.template = template
        self.path = path
        self.query = query
        self.requestBody = requestBody
        self.start = start
        self.duration = duration
        self.status = status
        self.failure = failure
        self.headers = headers
        self.body = body
        self.otherBodyBytes = otherBodyBytes
    }

    // MARK: Writing

    /// The line, without its newline.
    package var line: [UInt8] {
        var line = JSONLine()
        line.add("method", method)
        if let template { line.add("endpoint", template) }
        line.add("path", path)
        if !query.isEmpty { line.add("query", query) }
        if let requestBody { line.add("request", json: requestBody) }
        line.add("start_ms", json: Array("\(start)".utf8))
        line.add("duration_ms", json: Array("\(duration)".utf8))
        if let status { line.add("status", json: Array("\(status)".utf8)) }
        if let failure { line.add("failure", failure) }
        var headers = JSONLine()
        for header in self.headers { headers.add(header.name, header.value) }
        line.add("headers", json: headers.bytes)
        if let otherBodyBytes { line.add("other_body_bytes", json: Array("\(otherBodyBytes)".utf8)) }
        if let body { line.add("body", json: body) }
        return line.bytes
    }

    // MARK: Reading

    /// The members that are decoded with `Decodable`.
    private struct Members: Decodable {
        let method: String
        let endpoint: String?
        let path: String
        let query: String?
        let start_ms: Int64
        let duration_ms: Int64
        let status: Int?
        let failure: String?
        let headers: [String: String]
        let other_body_bytes: Int?
    }

    /// Parses a line.
    /// - Returns: nil when it is malformed.
    init?(line: [UInt8]) {
        guard let members = try? JSONDecoder().decode(Members.self, from: Data(line)), let values = JSONLine.members(of: line)
        else { return nil }
        // The server that replays the exchange cannot send any other status, and must not wait forever.
        guard (100...599).contains(members.status ?? 200), members.path.hasPrefix("/"), members.start_ms >= 0,
            (0...3_600_000).contains(members.duration_ms), (0...(1 << 28)).contains(members.other_body_bytes ?? 0)
        else { return nil }
        self.init(
            method: members.method, template: members.endpoint, path: members.path, query: members.query ?? "",
            requestBody: values["request"].map { Array(line[$0]) }, start: members.start_ms, duration: members.duration_ms,
            status: members.status, failure: members.failure,
            headers: members.headers.sorted { $0.key < $1.key }.map { Header(name: $0.key, value: $0.value) },
            body: values["body"].map { Array(line[$0]) }, otherBodyBytes: members.other_body_bytes)
    }
}

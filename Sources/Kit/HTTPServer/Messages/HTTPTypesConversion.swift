internal import HTTPTypes
internal import NIOHTTP1

extension HTTPFields {
    /// The header fields from NIO's decoder, except those whose name is not a token.
    init(_ headers: HTTPHeaders) {
        self.init()
        reserveCapacity(headers.count)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            append(HTTPField(name: name, value: value))
        }
    }
}

extension HTTPHeaders {
    init(_ fields: HTTPFields) {
        self.init()
        reserveCapacity(fields.count + 3)
        for field in fields { add(name: field.name.rawName, value: field.value) }
    }
}

extension HTTPResponseHead {
    /// The head of a response in HTTP/1.1; NIO converts it for HTTP/2.
    /// - Parameters:
    ///   - bodyBytes: the length of the body.
    ///   - unixSeconds: the time for `Date`, required of servers with a clock (RFC 9110 section 6.6.1).
    ///   - closes: whether the connection ends with the response.
    init(_ response: ListenerResponse, bodyBytes: Int, unixSeconds: Int64, closes: Bool) {
        var headers = HTTPHeaders(response.headerFields)
        if !headers.contains(name: "Date"), let date = ResponseDate.text(unixSeconds) { headers.add(name: "Date", value: date) }
        // RFC 9110 section 8.6: no Content-Length with 204, nor with a 304 unless it equals the length of the 200 response.
        if ![.noContent, .notModified].contains(response.status) {
            headers.replaceOrAdd(name: "Content-Length", value: String(bodyBytes))
        }
        if closes { headers.replaceOrAdd(name: "Connection", value: "close") }
        self.init(version: .http1_1, status: HTTPResponseStatus(statusCode: response.status.code), headers: headers)
    }
}

package import HTTPTypes

/// A complete response: that of the last server, where redirects were followed.
package struct TransferResponse: Sendable {
    package let status: HTTPResponse.Status
    /// As the server sent them: with a compressed body, `Content-Encoding` and `Content-Length` speak of what was on the wire.
    package let headerFields: HTTPFields
    /// Decompressed.
    package let body: [UInt8]
    package let httpVersion: HTTPVersion

    package init(
        status: HTTPResponse.Status, headerFields: HTTPFields = [:], body: [UInt8] = [], httpVersion: HTTPVersion = .http1_1
    ) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
        self.httpVersion = httpVersion
    }
}

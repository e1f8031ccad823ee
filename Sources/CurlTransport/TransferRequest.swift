package import HTTPTypes

/// One HTTP request to be sent.
package struct TransferRequest: Sendable {
    package var method: HTTPRequest.Method
    /// An absolute `http` or `https` address, percent-encoded, without a user name.
    package var url: String
    /// Sent as they are, also after a redirect, but for `Authorization` and `Cookie`: those stay with the host, port and scheme
    /// that they were meant for. `Accept-Encoding` and `User-Agent` are the transport's unless given here.
    package var headerFields: HTTPFields
    /// Nil sends no body; a POST without one says `Content-Length: 0`.
    package var body: [UInt8]?
    /// Sent as `Authorization: Bearer`, in the place of an `Authorization` in ``headerFields``, and after a redirect only to the
    /// same host, port and scheme.
    package var bearerToken: Secret?
    /// The time for everything, waiting for a free connection included; nil is the configuration's
    /// ``CurlTransportConfiguration/totalTimeout``.
    package var timeout: Duration?
    /// The longest body that a success may have, counted after decompression; nil, or more than it, is the configuration's
    /// ``CurlTransportConfiguration/maximumResponseBytes``. Of other responses the first 16 KiB are read.
    package var maximumResponseBytes: Int?
    /// Whether a GET without a body, a HEAD or a POST goes where a redirect sends it; other requests never do.
    ///
    /// A POST stays a POST on 307 and 308 and becomes a GET without a body on 301, 302 and 303, as in every browser
    /// (RFC 9110 section 15.4). HTTPS is never left for HTTP.
    package var followsRedirects: Bool

    package init(
        method: HTTPRequest.Method,
        url: String,
        headerFields: HTTPFields = [:],
        body: [UInt8]? = nil,
        bearerToken: Secret? = nil,
        timeout: Duration? = nil,
        maximumResponseBytes: Int? = nil,
        followsRedirects: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headerFields = headerFields
        self.body = body
        self.bearerToken = bearerToken
        self.timeout = timeout
        self.maximumResponseBytes = maximumResponseBytes
        self.followsRedirects = followsRedirects
    }
}

package import Basics
package import HTTPTypes

/// Sends HTTP requests.
package protocol HTTPTransport: Sendable {
    /// Sends a request and reads the whole response. Any status is a response, not an error.
    ///
    /// When the task is cancelled, the transfer is aborted at once and ``TransferError/Kind/cancelled`` is thrown.
    func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse

    /// The preferred executor for tasks that make many requests; nil when it makes no difference.
    var executor: (any TaskExecutor)? { get }
}

extension HTTPTransport {
    package var executor: (any TaskExecutor)? { nil }
}

/// An HTTP request.
package struct TransferRequest: Sendable {
    package var method: HTTPRequest.Method
    /// An absolute `http` or `https` URL, percent-encoded, without a user name.
    package var url: String
    /// Sent unchanged, also after a redirect, except that `Authorization` and `Cookie` are sent only to the original host, port
    /// and scheme. `Accept-Encoding` and `User-Agent` are set by the transport unless given here.
    package var headerFields: HTTPFields
    /// Nil sends no body; a POST without one sends `Content-Length: 0`.
    package var body: [UInt8]?
    /// Sent as `Authorization: Bearer`, replacing an `Authorization` in ``headerFields``; after a redirect only to the same host,
    /// port and scheme.
    package var bearerToken: Secret?
    /// The time limit for the whole transfer including the wait for a free connection; nil uses the configuration's
    /// ``CurlTransportConfiguration/totalTimeout``.
    package var timeout: Duration?
    /// The longest body of a successful response in bytes, after decompression; nil, or a larger value, uses the configuration's
    /// ``CurlTransportConfiguration/maximumResponseBytes``. Only the first 16 KiB of other responses are read.
    package var maximumResponseBytes: Int?
    /// Whether a GET without a body, a HEAD or a POST follows redirects; other requests never do.
    ///
    /// A POST stays a POST on 307 and 308 and becomes a GET without a body on 301, 302 and 303, as in every browser (RFC 9110
    /// section 15.4). HTTPS is never downgraded to HTTP.
    package var followsRedirects: Bool
    /// Whether libcurl may send the request again when a connection that it reuses breaks before the response begins. Otherwise the request
    /// gets a connection of its own and is sent at most once to each target of its redirects.
    package var isRepeatable: Bool

    /// - Parameter isRepeatable: by default, whether the method is safe (RFC 9110 section 9.2.1).
    package init(
        method: HTTPRequest.Method,
        url: String,
        headerFields: HTTPFields = [:],
        body: [UInt8]? = nil,
        bearerToken: Secret? = nil,
        timeout: Duration? = nil,
        maximumResponseBytes: Int? = nil,
        followsRedirects: Bool = true,
        isRepeatable: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.headerFields = headerFields
        self.body = body
        self.bearerToken = bearerToken
        self.timeout = timeout
        self.maximumResponseBytes = maximumResponseBytes
        self.followsRedirects = followsRedirects
        self.isRepeatable = isRepeatable ?? [.get, .head, .options, .trace].contains(method)
    }
}

/// A complete response; after redirects, the last server's.
package struct TransferResponse: Sendable {
    private enum Head: Sendable {
        case fields(HTTPFields)
        case received(ResponseHead)
    }

    package let status: HTTPResponse.Status
    /// As sent by the server: for a compressed body, `Content-Encoding` and `Content-Length` describe the compressed data. Parsed
    /// on access, since few responses need them.
    package var headerFields: HTTPFields {
        switch head {
        case .fields(let fields): fields
        case .received(let head): head.headerFields()
        }
    }
    /// Decompressed.
    package let body: [UInt8]
    package let httpVersion: HTTPVersion

    private let head: Head
    /// Keeps the body counted in the byte budget while the response is held.
    private let share: BodyBudget.Share?

    package init(
        status: HTTPResponse.Status, headerFields: HTTPFields = [:], body: [UInt8] = [], httpVersion: HTTPVersion = .http1_1
    ) {
        self.status = status
        head = .fields(headerFields)
        share = nil
        self.body = body
        self.httpVersion = httpVersion
    }

    init(_ received: ReceivedResponse) {
        status = HTTPResponse.Status(code: received.status)
        head = .received(received.head)
        share = received.share
        body = received.body
        httpVersion = received.httpVersion
    }
}

/// The HTTP version of a response.
package enum HTTPVersion: Sendable, Hashable {
    case http1_0
    case http1_1
    case http2
    case http3
}

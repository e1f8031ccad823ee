package import Basics
package import HTTPTypes

/// Whatever carries an HTTP request to its server and the response back.
package protocol HTTPTransport: Sendable {
    /// Sends the request and reads the whole response. Any status is a response, not an error.
    ///
    /// When the task is cancelled, the transfer is given up at once and ``TransferError/Kind/cancelled`` thrown.
    func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse

    /// Where tasks that make many requests run best; nil when that makes no difference.
    var executor: (any TaskExecutor)? { get }
}

extension HTTPTransport {
    package var executor: (any TaskExecutor)? { nil }
}

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

/// A complete response: that of the last server, where redirects were followed.
package struct TransferResponse: Sendable {
    private enum Head: Sendable {
        case fields(HTTPFields)
        case received(ResponseHead)
    }

    package let status: HTTPResponse.Status
    /// As the server sent them: with a compressed body, `Content-Encoding` and `Content-Length` speak of what was on the wire. Read
    /// from the head when they are asked for, which they are of few responses.
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
    /// Counts the body among those in flight for as long as the response is held.
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

/// The version of HTTP that a response came in.
package enum HTTPVersion: Sendable, Hashable {
    case http1_0
    case http1_1
    case http2
    case http3
}

package import HTTPTypes

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

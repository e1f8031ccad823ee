package import HTTPTypes
internal import NIOCore

/// What a handler answers. The listener sets `Content-Length` and leaves the body out of an answer to HEAD.
package struct ListenerResponse: Sendable {
    /// How the listener ends the response.
    package enum Ending: Sendable {
        /// The whole body is sent, and the connection serves the next request.
        case complete
        /// Half of the body is sent and the connection closed, as a server that dies would leave it.
        case brokenOff
    }

    package var status: HTTPResponse.Status
    package var headerFields: HTTPFields
    /// The body in pieces, sent one after the other: pieces that several responses share are not copied together.
    package var body: [ResponsePiece]
    package var ending = Ending.complete

    package init(status: HTTPResponse.Status, headerFields: HTTPFields = [:], body: [ResponsePiece]) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    package init(status: HTTPResponse.Status, headerFields: HTTPFields = [:], body: [[UInt8]] = []) {
        self.init(status: status, headerFields: headerFields, body: body.map { ResponsePiece(ByteBuffer(bytes: $0)) })
    }

    /// An answer in one line of plain text.
    package static func text(
        _ status: HTTPResponse.Status, _ line: String, headerFields: HTTPFields = [:]
    ) -> ListenerResponse {
        var fields = headerFields
        fields[.contentType] = "text/plain; charset=utf-8"
        return ListenerResponse(status: status, headerFields: fields, body: [Array((line + "\n").utf8)])
    }
}

package import HTTPClient
package import HTTPTypes
internal import NIOConcurrencyHelpers

/// A transport that answers from a closure, without a network, and records the requests.
package final class StubTransport: HTTPTransport {
    package typealias Answer = @Sendable (TransferRequest) async throws(TransferError) -> TransferResponse

    private let answer: Answer
    private let asked = NIOLockedValueBox<[TransferRequest]>([])

    package init(_ answer: @escaping Answer) {
        self.answer = answer
    }

    /// Gives every request the same answer.
    package convenience init(_ body: String, status: HTTPResponse.Status = .ok) {
        self.init(Array(body.utf8), status: status)
    }

    /// Gives every request the same answer.
    package convenience init(_ body: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init { _ throws(TransferError) in TransferResponse(status: status, body: body) }
    }

    /// Always fails.
    package convenience init(failing kind: TransferError.Kind, message: String = "stub failure") {
        self.init { _ throws(TransferError) in throw TransferError(kind: kind, message: message) }
    }

    /// The requests so far, in order.
    package var requests: [TransferRequest] { asked.withLockedValue { $0 } }

    package func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        asked.withLockedValue { $0.append(request) }
        return try await answer(request)
    }
}

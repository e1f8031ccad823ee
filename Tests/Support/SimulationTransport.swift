internal import Basics
package import FlashbackSimulator
package import HTTPClient
internal import HTTPServer
internal import HTTPTypes

/// A transport that passes each request to a simulation in the same process, without sockets and on the test's time.
package struct SimulationTransport: HTTPTransport {
    private let simulation: FlashbackSimulation

    package init(_ simulation: FlashbackSimulation) {
        self.simulation = simulation
    }

    package func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        if Task.isCancelled { throw TransferError(kind: .cancelled, message: "cancelled") }
        guard let scheme = request.url.firstRange(of: "://") else {
            throw TransferError(kind: .invalidURL, message: "not an absolute URL")
        }
        let target = request.url[scheme.upperBound...].drop { $0 != "/" }
        var head = HTTPRequest(
            method: request.method, scheme: nil, authority: nil, path: String(target), headerFields: request.headerFields)
        head.headerFields[.authorization] = request.bearerToken.map { "Bearer \($0.reveal())" }
        let response = await simulation.respond(to: ListenerRequest(head: head, body: request.body ?? []))
        if Task.isCancelled { throw TransferError(kind: .cancelled, message: "cancelled") }
        if response.ending == .brokenOff { throw TransferError(kind: .connectionBroken, message: "the connection broke") }
        return TransferResponse(
            status: response.status, headerFields: response.headerFields, body: response.body.bytes)
    }
}

package import Basics
package import HTTPClient

/// A request and its outcome, as an observer sees them.
package struct ObservedExchange: Sendable {
    package let request: TransferRequest
    package let result: Result<TransferResponse, TransferError>
    /// The steady time of the request.
    package let start: Duration
    package let duration: Duration
}

/// Sees all requests of an account and their responses.
package protocol ExchangeObserver: Sendable {
    /// Called once for each request that ended; concurrently.
    func observe(_ exchange: ObservedExchange)
}

/// A transport that passes each exchange to an observer.
package struct ObservedTransport: HTTPTransport {
    private let transport: any HTTPTransport
    private let observer: any ExchangeObserver
    private let time: TimeSource

    package init(_ transport: any HTTPTransport, observer: any ExchangeObserver, time: TimeSource) {
        self.transport = transport
        self.observer = observer
        self.time = time
    }

    package var executor: (any TaskExecutor)? { transport.executor }

    package func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        let start = time.uptime
        let (result, duration) = await time.measure { () async -> Result<TransferResponse, TransferError> in
            do throws(TransferError) {
                return .success(try await transport.execute(request))
            } catch {
                return .failure(error)
            }
        }
        observer.observe(ObservedExchange(request: request, result: result, start: start, duration: duration))
        return try result.get()
    }
}

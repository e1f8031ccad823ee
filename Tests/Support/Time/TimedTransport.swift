package import Basics
internal import FlashbackAPI
package import HTTPClient

/// A transport that ends each request at its time-out, as a real one does, on the test's clock.
package struct TimedTransport: HTTPTransport {
    private let transport: any HTTPTransport
    private let time: TimeSource
    private let defaultTimeout: Duration?

    /// - Parameter defaultTimeout: the time-out of requests without their own, as in the real transport; nil for none.
    package init(_ transport: any HTTPTransport, time: TimeSource, defaultTimeout: Duration? = nil) {
        self.transport = transport
        self.defaultTimeout = defaultTimeout
        self.time = time
    }

    package func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        guard let timeout = request.timeout ?? defaultTimeout else { return try await transport.execute(request) }
        let deadline = time.uptime + timeout
        let first = await withTaskGroup(of: Result<TransferResponse, TransferError>.self) { group in
            group.addTask {
                do throws(TransferError) { return .success(try await transport.execute(request)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                let hasTimedOut = (try? await time.sleep(until: deadline)) != nil
                return .failure(
                    hasTimedOut
                        ? TransferError(kind: .timedOut, message: "no answer within \(timeout.inSeconds) s")
                        : TransferError(kind: .cancelled, message: "cancelled"))
            }
            defer { group.cancelAll() }
            return await group.next()
        }
        if Task.isCancelled { throw TransferError(kind: .cancelled, message: "cancelled") }
        guard let first else { throw TransferError(kind: .cancelled, message: "cancelled") }
        return try first.get()
    }
}

internal import CurlTransport
internal import HTTPTypes

/// A transport whose requests are counted.
struct RecordedTransport: Sendable {
    let transport: any HTTPTransport
    let statistics: RequestStatistics
    let time: TimeSource

    var executor: (any TaskExecutor)? { transport.executor }

    /// Makes a request and records its outcome under an endpoint's name. One that was cancelled has no outcome.
    func execute(_ request: TransferRequest, to endpoint: EndpointName) async throws(TransferError) -> TransferResponse {
        let (result, duration) = await time.measure { () async -> Result<TransferResponse, TransferError> in
            do throws(TransferError) {
                return .success(try await transport.execute(request))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let response):
            statistics.record(endpoint, code: String(response.status.code), duration: duration)
            return response
        case .failure(let error):
            if error.kind != .cancelled { statistics.record(endpoint, code: error.kind.word, duration: duration) }
            throw error
        }
    }
}

internal import Basics
internal import HTTPClient
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// Counts the requests made since the program started, by endpoint and outcome.
package final class RequestStatistics: Sendable {
    /// The upper bounds of the duration buckets in seconds, without the last bucket, which is unbounded.
    package static let durationBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// The counts for one endpoint.
    package struct Counts: Sendable, Hashable {
        /// By HTTP status code, or by the kind of failure when there was no response.
        package fileprivate(set) var requests: [String: Int64] = [:]
        /// Throttling responses: 429, and 503 with a Retry-After.
        package fileprivate(set) var throttled: Int64 = 0
        /// Requests that repeated a failed one.
        package fileprivate(set) var retries: Int64 = 0
        /// One count per duration bucket, not cumulative; the last one is the unbounded bucket.
        package fileprivate(set) var durations = [Int64](repeating: 0, count: durationBounds.count + 1)
        /// Seconds.
        package fileprivate(set) var totalDuration = 0.0
    }

    private let counts = NIOLockedValueBox<[EndpointName: Counts]>([:])

    package init() {}

    func record(_ endpoint: EndpointName, code: String, duration: Duration) {
        let seconds = duration.inSeconds
        let bucket = Self.durationBounds.firstIndex { seconds <= $0 } ?? Self.durationBounds.count
        change(endpoint) { counts in
            counts.requests[code, default: 0] += 1
            counts.durations[bucket] += 1
            counts.totalDuration += seconds
        }
    }

    func recordThrottled(_ endpoint: EndpointName) {
        change(endpoint) { $0.throttled += 1 }
    }

    func recordRetry(_ endpoint: EndpointName) {
        change(endpoint) { $0.retries += 1 }
    }

    private func change(_ endpoint: EndpointName, _ change: (inout Counts) -> Void) {
        counts.withLockedValue { change(&$0[endpoint, default: Counts()]) }
    }

    /// The counts of all endpoints requested so far, sorted by name.
    package func current() -> [(endpoint: EndpointName, counts: Counts)] {
        counts.withLockedValue { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// A transport that counts its requests.
struct RecordedTransport: Sendable {
    let transport: any HTTPTransport
    let statistics: RequestStatistics
    let time: TimeSource

    var executor: (any TaskExecutor)? { transport.executor }

    /// Sends a request and records its outcome under an endpoint's name. A cancelled request is not recorded.
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

internal import Basics
internal import HTTPClient
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// Counts the requests made since the program started, by endpoint and outcome.
package final class RequestStatistics: Sendable {
    /// The upper bounds of the duration buckets in seconds; the last bucket, above them all, is not among them.
    package static let durationBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// What the requests to one endpoint came to.
    package struct Counts: Sendable, Hashable {
        /// By HTTP status code, or the kind of failure where there was no answer.
        package fileprivate(set) var requests: [String: Int64] = [:]
        /// Answers that asked for fewer requests: 429, and 503 that names a time.
        package fileprivate(set) var throttled: Int64 = 0
        /// Requests that were made again after one that failed.
        package fileprivate(set) var retries: Int64 = 0
        /// One count a duration bucket, not cumulated, the last being that above all bounds.
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

    /// The counts of every endpoint asked so far, in the order of their names.
    package func current() -> [(endpoint: EndpointName, counts: Counts)] {
        counts.withLockedValue { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

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

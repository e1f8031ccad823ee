package import Basics
package import FoundationEssentials
internal import HTTPClient
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// Counts the requests made since the program started, by endpoint and outcome.
package final class RequestStatistics: Sendable {
    /// The upper bounds of the duration buckets in seconds, without the last bucket, which is unbounded.
    package static let durationBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// The code for statuses outside of 100 to 599 (RFC 9110 section 15), and for further statuses of an endpoint after ``maximumStatuses``
    /// different ones: the API must not determine the number of series. Failures of an unknown kind have the same code.
    package static let otherStatus = "other"
    private static let maximumStatuses = 30

    /// The counts for one endpoint.
    package struct Counts: Sendable, Hashable {
        /// A number of requests, and when it was last 0.
        package struct Requests: Sendable, Hashable {
            package fileprivate(set) var count: Int64
            package let start: Date
        }

        /// By HTTP status code or ``otherStatus``, or by the kind of failure when there was no response.
        package fileprivate(set) var requests: [String: Requests] = [:]
        /// Throttling responses: 429, and 503 with a Retry-After.
        package fileprivate(set) var throttled: Int64 = 0
        /// Requests that repeated a failed one.
        package fileprivate(set) var retries: Int64 = 0
        /// One count per duration bucket, not cumulative; the last one is the unbounded bucket.
        package fileprivate(set) var durations = [Int64](repeating: 0, count: durationBounds.count + 1)
        /// Seconds.
        package fileprivate(set) var totalDuration = 0.0
        /// The same durations in buckets of exponential width.
        package fileprivate(set) var nativeDurations = NativeHistogram()
        /// When all counts except those by code were last 0.
        package let start: Date
        fileprivate var statuses: Set<Int> = []

        fileprivate mutating func code(of status: Int) -> String {
            if statuses.contains(status) { return String(status) }
            guard (100...599).contains(status), statuses.count < RequestStatistics.maximumStatuses else {
                return RequestStatistics.otherStatus
            }
            statuses.insert(status)
            return String(status)
        }
    }

    private struct State {
        var counts: [EndpointName: Counts] = [:]
        /// When the counts were last read. A count that did not exist then was 0, so this time can serve as its start: it is earlier than
        /// the scrape that first shows the count, even though a scrape's requests are made while it runs.
        var latestReading: Date
    }

    private let state: NIOLockedValueBox<State>
    private let time: TimeSource
    /// When all counts were 0.
    package let start: Date

    package init(time: TimeSource = .system()) {
        self.time = time
        start = time.now
        state = NIOLockedValueBox(State(latestReading: start))
    }

    /// Counts a request by the status of its response.
    func record(_ endpoint: EndpointName, status: Int, duration: Duration) {
        record(endpoint, duration) { $0.code(of: status) }
    }

    /// Counts a request without a response.
    func record(_ endpoint: EndpointName, failure: TransferError.Kind, duration: Duration) {
        record(endpoint, duration) { _ in failure.word }
    }

    private func record(_ endpoint: EndpointName, _ duration: Duration, code: (inout Counts) -> String) {
        let seconds = duration.inSeconds
        let bucket = Self.durationBounds.firstIndex { seconds <= $0 } ?? Self.durationBounds.count
        change(endpoint) { counts, start in
            let code = code(&counts)
            counts.requests[code, default: Counts.Requests(count: 0, start: start)].count += 1
            counts.durations[bucket] += 1
            counts.totalDuration += seconds
            counts.nativeDurations.count(seconds)
        }
    }

    func recordThrottled(_ endpoint: EndpointName) {
        change(endpoint) { counts, _ in counts.throttled += 1 }
    }

    func recordRetry(_ endpoint: EndpointName) {
        change(endpoint) { counts, _ in counts.retries += 1 }
    }

    /// - Parameter change: receives the endpoint's counts, and the start time for counts that it creates.
    private func change(_ endpoint: EndpointName, _ change: (inout Counts, _ start: Date) -> Void) {
        state.withLockedValue { state in
            // The calendar may have been set back since the latest reading.
            let start = min(state.latestReading, time.now)
            change(&state.counts[endpoint, default: Counts(start: start)], start)
        }
    }

    /// The counts of all endpoints requested so far, sorted by name.
    package func current() -> [(endpoint: EndpointName, counts: Counts)] {
        let counts = state.withLockedValue { state in
            state.latestReading = time.now
            return state.counts
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
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
            statistics.record(endpoint, status: response.status.code, duration: duration)
            return response
        case .failure(let error):
            if error.kind != .cancelled { statistics.record(endpoint, failure: error.kind, duration: duration) }
            throw error
        }
    }
}

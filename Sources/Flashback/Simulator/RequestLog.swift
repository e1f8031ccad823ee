package import FoundationEssentials
package import HTTPTypes
internal import NIOConcurrencyHelpers

/// A request received by the simulation.
package struct SimulatedRequest: Sendable {
    /// Counts all requests from 0.
    package let sequence: Int
    package let method: HTTPRequest.Method
    /// The target including its query.
    package let target: String
    /// Nil for an unknown path or method.
    package let endpoint: SimulatedEndpoint?
    package let bucketID: String?
    /// Whether it had an `Authorization: Bearer` field, valid or not.
    package let carriesToken: Bool
    /// The time of receipt by the simulation's clock.
    package let receivedAt: Date
    /// Nil while the request is in progress, and permanently if the client disconnected before the response.
    package internal(set) var status: Int?
}

/// The record of requests: all are counted, and the latest are logged individually.
struct RequestLog: Sendable {
    private struct CounterKey: Hashable {
        let endpoint: SimulatedEndpoint?
        let status: Int?
    }

    private struct Waiter {
        let received: Int
        let continuation: AsyncStream<Never>.Continuation
    }

    private let capacity: Int
    private var latest: [SimulatedRequest] = []
    private var counters: [CounterKey: Int] = [:]
    private var waiters: [Waiter] = []
    private(set) var received = 0
    private(set) var inFlight = 0
    private(set) var maximumInFlight = 0
    /// The sequence number of the first request since the last reset.
    private var origin = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    mutating func began(
        _ request: HTTPRequest, _ endpoint: SimulatedEndpoint?, _ bucketID: String?, carriesToken: Bool, at date: Date
    ) -> Int {
        let entry = SimulatedRequest(
            sequence: received, method: request.method, target: request.path ?? "", endpoint: endpoint, bucketID: bucketID,
            carriesToken: carriesToken, receivedAt: date, status: nil)
        if latest.count < capacity { latest.append(entry) } else { latest[received % capacity] = entry }
        received += 1
        inFlight += 1
        maximumInFlight = max(maximumInFlight, inFlight)
        let count = receivedSinceReset
        for waiter in waiters where waiter.received <= count { waiter.continuation.finish() }
        waiters.removeAll { $0.received <= count }
        return entry.sequence
    }

    /// - Parameter status: nil when the client disconnected without a response.
    mutating func ended(_ sequence: Int, _ endpoint: SimulatedEndpoint?, status: Int?) {
        inFlight -= 1
        guard sequence >= origin else { return }
        counters[CounterKey(endpoint: endpoint, status: status), default: 0] += 1
        let slot = sequence % capacity
        if latest.indices.contains(slot), latest[slot].sequence == sequence { latest[slot].status = status }
    }

    /// Requests received since the last reset.
    var receivedSinceReset: Int { received - origin }

    /// The logged requests since the last reset, oldest first.
    var all: [SimulatedRequest] {
        latest.filter { $0.sequence >= origin }.sorted { $0.sequence < $1.sequence }
    }

    /// The number of finished requests, optionally of one endpoint and with one status.
    func count(_ endpoint: SimulatedEndpoint?, status: Int?) -> Int {
        counters.reduce(0) { sum, counter in
            let fits =
                (endpoint == nil || counter.key.endpoint == endpoint) && (status == nil || counter.key.status == status)
            return fits ? sum + counter.value : sum
        }
    }

    /// The number of requests whose client disconnected before the response.
    func abandonedCount(_ endpoint: SimulatedEndpoint?) -> Int {
        counters.reduce(0) { sum, counter in
            counter.key.status == nil && (endpoint == nil || counter.key.endpoint == endpoint) ? sum + counter.value : sum
        }
    }

    mutating func reset() {
        origin = received
        counters = [:]
        maximumInFlight = inFlight
    }

    /// A stream that finishes when the given number of requests has been received since the last reset.
    mutating func stream(untilReceived count: Int) -> AsyncStream<Never> {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        if receivedSinceReset >= count {
            continuation.finish()
        } else {
            waiters.append(Waiter(received: count, continuation: continuation))
        }
        return stream
    }
}

extension FlashbackSimulation {
    /// The record of requests so far.
    package var requests: Requests { Requests(state: state) }

    /// Reads the record of requests. Counts start at the last reset.
    package struct Requests: Sendable {
        let state: NIOLockedValueBox<SimulationState>

        /// The logged requests, oldest first; beyond the configured capacity, older ones are only counted.
        package var all: [SimulatedRequest] { state.withLockedValue { $0.log.all } }

        /// The number of requests received, whether finished or not.
        package var received: Int { state.withLockedValue { $0.log.receivedSinceReset } }

        /// The number of requests in progress.
        package var inFlight: Int { state.withLockedValue { $0.log.inFlight } }

        /// The highest number of concurrent requests.
        package var maximumInFlight: Int { state.withLockedValue { $0.log.maximumInFlight } }

        /// The number of finished requests, optionally of one endpoint and with one status.
        package func count(_ endpoint: SimulatedEndpoint? = nil, status: Int? = nil) -> Int {
            state.withLockedValue { $0.log.count(endpoint, status: status) }
        }

        /// The number of requests that ended without a response because the client disconnected.
        package func abandonedCount(_ endpoint: SimulatedEndpoint? = nil) -> Int {
            state.withLockedValue { $0.log.abandonedCount(endpoint) }
        }

        /// Resets the counts.
        package func reset() {
            state.withLockedValue { $0.log.reset() }
        }

        /// Returns when the given number of requests has arrived since the last reset, or when the task is cancelled.
        package func wait(untilReceived count: Int) async {
            let stream = state.withLockedValue { $0.log.stream(untilReceived: count) }
            for await _ in stream {}
        }
    }
}

package import FoundationEssentials
package import HTTPTypes
internal import NIOConcurrencyHelpers

/// A request that the simulation received.
package struct SimulatedRequest: Sendable {
    /// Counts from 0 over all requests.
    package let sequence: Int
    package let method: HTTPRequest.Method
    /// The target, with its query.
    package let target: String
    /// Nil for a path or method that the API does not have.
    package let endpoint: SimulatedEndpoint?
    package let bucketID: String?
    /// Whether an `Authorization: Bearer` field came with it, of whatever worth.
    package let carriesToken: Bool
    /// By the simulation's clock.
    package let receivedAt: Date
    /// Nil while the request is under way, and for ever when the client went before an answer was made.
    package internal(set) var status: Int?
}

/// What was asked of the simulation: every request counted, the latest remembered one by one.
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
    /// The number of the first request that is counted.
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

    /// - Parameter status: nil when the client went without an answer.
    mutating func ended(_ sequence: Int, _ endpoint: SimulatedEndpoint?, status: Int?) {
        inFlight -= 1
        guard sequence >= origin else { return }
        counters[CounterKey(endpoint: endpoint, status: status), default: 0] += 1
        let slot = sequence % capacity
        if latest.indices.contains(slot), latest[slot].sequence == sequence { latest[slot].status = status }
    }

    /// Requests received since the last reset.
    var receivedSinceReset: Int { received - origin }

    /// The remembered requests since the last reset, oldest first.
    var all: [SimulatedRequest] {
        latest.filter { $0.sequence >= origin }.sorted { $0.sequence < $1.sequence }
    }

    /// Ended requests, of one endpoint or all, with one status or any.
    func count(_ endpoint: SimulatedEndpoint?, status: Int?) -> Int {
        counters.reduce(0) { sum, counter in
            let fits =
                (endpoint == nil || counter.key.endpoint == endpoint) && (status == nil || counter.key.status == status)
            return fits ? sum + counter.value : sum
        }
    }

    /// Ended requests whose client went before they were answered.
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

    /// Finishes when so many requests were received since the last reset.
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
    /// What was asked of the simulation so far.
    package var requests: Requests { Requests(state: state) }

    /// Reads the record of requests. Counts are since the last reset.
    package struct Requests: Sendable {
        let state: NIOLockedValueBox<SimulationState>

        /// The remembered requests, oldest first; older ones than the configured capacity are only counted.
        package var all: [SimulatedRequest] { state.withLockedValue { $0.log.all } }

        /// Requests that have arrived, ended or not.
        package var received: Int { state.withLockedValue { $0.log.receivedSinceReset } }

        /// Requests under way.
        package var inFlight: Int { state.withLockedValue { $0.log.inFlight } }

        /// The most requests that were ever under way at once.
        package var maximumInFlight: Int { state.withLockedValue { $0.log.maximumInFlight } }

        /// Requests that have ended, of one endpoint or all, answered with one status or any.
        package func count(_ endpoint: SimulatedEndpoint? = nil, status: Int? = nil) -> Int {
            state.withLockedValue { $0.log.count(endpoint, status: status) }
        }

        /// Requests that have ended without an answer, because the client went.
        package func abandonedCount(_ endpoint: SimulatedEndpoint? = nil) -> Int {
            state.withLockedValue { $0.log.abandonedCount(endpoint) }
        }

        /// Starts counting anew.
        package func reset() {
            state.withLockedValue { $0.log.reset() }
        }

        /// Returns when so many requests have arrived since the last reset, or the task is cancelled.
        package func wait(untilReceived count: Int) async {
            let stream = state.withLockedValue { $0.log.stream(untilReceived: count) }
            for await _ in stream {}
        }
    }
}

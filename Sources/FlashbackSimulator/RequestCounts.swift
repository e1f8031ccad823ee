internal import NIOConcurrencyHelpers

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

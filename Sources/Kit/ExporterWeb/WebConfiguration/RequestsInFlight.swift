internal import Basics
internal import NIOConcurrencyHelpers

/// Limits the number of concurrent requests. The others wait for a place, in order of arrival: most responses take milliseconds, and
/// a legitimate scrape among hundreds of clients that ask at once should get one.
final class RequestsInFlight: Sendable {
    /// How long a request waits for a place. A scrape can still be in time then; longer waits mean that the API delays all responses.
    static let patience = Duration.seconds(3)
    /// The maximum number of waiting requests. HTTP/2 allows many requests for each connection, and the line is searched when one
    /// leaves it early.
    static let maximumWaiting = 1000

    private struct State {
        var count = 0
        /// The turns of the waiting requests, in order of arrival.
        var line: [CompletionSignal] = []

        mutating func takePlace(of maximum: Int) -> Bool {
            // Counted even without a limit, because one may be set while requests are in progress.
            guard maximum == 0 || count < maximum else { return false }
            count += 1
            return true
        }
    }

    /// The current limit; 0 for no limit.
    let maximum: @Sendable () -> Int
    private let time: TimeSource
    private let state = NIOLockedValueBox(State())

    /// - Parameter maximum: the limit, evaluated for each request; 0 for no limit.
    init(maximum: @escaping @Sendable () -> Int, time: TimeSource) {
        self.maximum = maximum
        self.time = time
    }

    /// Answers a request once the limit permits it.
    /// - Returns: nil when it did not within ``patience``, when ``maximumWaiting`` requests wait already, or when the task was cancelled.
    func answering<Answer: Sendable>(_ answer: () async -> Answer) async -> Answer? {
        guard await takePlace() else { return nil }
        defer { returnPlace() }
        return await answer()
    }

    private func takePlace() async -> Bool {
        let (maximum, turn) = (maximum(), CompletionSignal())
        let decision = state.withLockedValue { state -> Bool? in
            if state.line.isEmpty, state.takePlace(of: maximum) { return true }
            guard state.line.count < Self.maximumWaiting else { return false }
            state.line.append(turn)
            return nil
        }
        if let decision { return decision }
        await turn.wait(until: time.uptime + Self.patience, time)
        // A request that is still in the line has waited too long, or was cancelled.
        return state.withLockedValue { state in
            guard let position = state.line.firstIndex(where: { $0 === turn }) else { return true }
            state.line.remove(at: position)
            return false
        }
    }

    /// Gives the place to the request that has waited longest.
    private func returnPlace() {
        let maximum = maximum()
        let turns = state.withLockedValue { state in
            state.count -= 1
            var turns: [CompletionSignal] = []
            while !state.line.isEmpty, state.takePlace(of: maximum) { turns.append(state.line.removeFirst()) }
            return turns
        }
        for turn in turns { turn.complete() }
    }
}

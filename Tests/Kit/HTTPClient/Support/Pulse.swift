import NIOConcurrencyHelpers

/// Beats a hundred times a second: a long gap means that the machine stalled and no thread ran.
final class Pulse: Sendable {
    private struct State {
        var latest = ContinuousClock.now
        var longestGap = Duration.zero

        mutating func beat() {
            let now = ContinuousClock.now
            longestGap = max(longestGap, latest.duration(to: now))
            latest = now
        }
    }

    private let state: NIOLockedValueBox<State>
    private let task: Task<Void, Never>

    init() {
        let state = NIOLockedValueBox(State())
        self.state = state
        task = Task {
            while (try? await Task.sleep(for: .milliseconds(10))) != nil { state.withLockedValue { $0.beat() } }
        }
    }

    func stop() { task.cancel() }

    /// Restarts the measurement.
    func forget() { state.withLockedValue { $0 = State() } }

    /// The longest time between two beats, including the current gap.
    var longestGap: Duration {
        state.withLockedValue { max($0.longestGap, $0.latest.duration(to: .now)) }
    }
}

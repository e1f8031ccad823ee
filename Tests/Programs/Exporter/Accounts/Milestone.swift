import NIOConcurrencyHelpers
import TestSupport

/// An event that a test reaches by advancing the time.
final class Milestone: Sendable {
    private let isReached = NIOLockedValueBox(false)

    /// Runs an operation, whose end is the event.
    func reached<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        defer { isReached.withLockedValue { $0 = true } }
        return try await body()
    }

    /// Advances the time until the event: in steps, because it is unknown which tasks are already sleeping.
    func isReached(advancing time: ManualTime) async {
        while !isReached.withLockedValue({ $0 }) {
            time.advance(by: .seconds(1))
            for _ in 0..<100 { await Task.yield() }
        }
    }
}

import NIOConcurrencyHelpers
import TestSupport

/// The end of something for which a test moves the time on.
final class Milestone: Sendable {
    private let isReached = NIOLockedValueBox(false)

    /// Runs something, whose end it is.
    func reached<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        defer { isReached.withLockedValue { $0 = true } }
        return try await body()
    }

    /// Advances the time until it is reached: in steps, since it is unknown which tasks sleep already.
    func isReached(advancing time: ManualTime) async {
        while !isReached.withLockedValue({ $0 }) {
            time.advance(by: .seconds(1))
            for _ in 0..<100 { await Task.yield() }
        }
    }
}

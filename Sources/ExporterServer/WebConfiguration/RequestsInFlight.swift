internal import NIOConcurrencyHelpers

/// Bounds how many requests are being answered at once.
package final class RequestsInFlight: Sendable {
    /// How many may be, now; 0 does not limit them.
    package let maximum: @Sendable () -> Int
    private let count = NIOLockedValueBox(0)

    /// - Parameter maximum: how many may be, which is asked for each; 0 does not limit them.
    package init(maximum: @escaping @Sendable () -> Int) {
        self.maximum = maximum
    }

    /// Answers a request if there is a place for it.
    /// - Returns: nil when there was none.
    package func answering<Answer: Sendable>(_ answer: () async -> Answer) async -> Answer? {
        let maximum = maximum()
        // They are counted without a limit too: one may be set while they are under way.
        let hasPlace = count.withLockedValue { count in
            if maximum > 0, count >= maximum { return false }
            count += 1
            return true
        }
        guard hasPlace else { return nil }
        defer { count.withLockedValue { $0 -= 1 } }
        return await answer()
    }
}

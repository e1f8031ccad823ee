internal import NIOConcurrencyHelpers

/// Bounds how many requests are being answered at once.
package final class RequestsInFlight: Sendable {
    /// 0 does not limit them.
    package let maximum: Int
    private let count = NIOLockedValueBox(0)

    package init(maximum: Int) {
        self.maximum = maximum
    }

    /// Answers a request if there is a place for it.
    /// - Returns: nil when there was none.
    package func answering<Answer: Sendable>(_ answer: () async -> Answer) async -> Answer? {
        guard maximum > 0 else { return await answer() }
        let hasPlace = count.withLockedValue { count in
            if count < maximum { count += 1 } else { return false }
            return true
        }
        guard hasPlace else { return nil }
        defer { count.withLockedValue { $0 -= 1 } }
        return await answer()
    }
}

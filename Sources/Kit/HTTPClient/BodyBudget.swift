internal import NIOConcurrencyHelpers

/// Limits the total bytes of response bodies in memory, both while they arrive and until they have been consumed.
final class BodyBudget: Sendable {
    let limit: Int
    private let used = NIOLockedValueBox(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: false, without counting anything, when the limit would be exceeded.
    func take(_ count: Int) -> Bool {
        used.withLockedValue { used in
            guard count <= limit - used else { return false }
            used += count
            return true
        }
    }

    fileprivate func giveBack(_ count: Int) {
        used.withLockedValue { $0 -= count }
    }

    /// The bytes taken by one response. They are returned when the last reference to the share is released.
    final class Share: Sendable {
        private let budget: BodyBudget
        private let bytes = NIOLockedValueBox(0)

        init(of budget: BodyBudget) {
            self.budget = budget
        }

        deinit { budget.giveBack(bytes.withLockedValue { $0 }) }

        func take(_ count: Int) -> Bool {
            guard budget.take(count) else { return false }
            bytes.withLockedValue { $0 += count }
            return true
        }
    }
}

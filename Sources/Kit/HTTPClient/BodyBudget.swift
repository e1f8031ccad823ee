internal import NIOConcurrencyHelpers

/// How many bytes of responses there may be at a time: those that arrive, and those that have arrived and are still being read.
final class BodyBudget: Sendable {
    let limit: Int
    private let used = NIOLockedValueBox(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: false when there is no room for so many bytes more, of which none are then counted.
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

    /// What one response has taken. It is given back when the last that holds the response lets go of it.
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

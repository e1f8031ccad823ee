internal import NIOConcurrencyHelpers

/// A place in the request budget that was taken before it was decided which request to make: so the most urgent one is made, however
/// long the wait for the place was. The first request of a client that uses it (``FlashbackClient/using(_:)``) takes it.
package final class ReservedPlace: Sendable {
    private let budget: RequestBudget
    private let place: NIOLockedValueBox<RequestBudget.Place?>

    package init(_ place: RequestBudget.Place, in budget: RequestBudget) {
        self.budget = budget
        self.place = NIOLockedValueBox(place)
    }

    func take() -> RequestBudget.Place? {
        place.withLockedValue { place in
            defer { place = nil }
            return place
        }
    }

    /// Gives the place back if no request took it.
    package func giveBack() {
        if let place = take() { budget.returnUnused(place) }
    }
}

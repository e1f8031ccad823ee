internal import NIOConcurrencyHelpers

/// How many requests each of the collections that ask about buckets has under way: all of them together as many as the budget has
/// places for. A task that only waits for a place costs memory and time.
package final class RequestShare: Sendable {
    private let places: Int
    private let collections = NIOLockedValueBox(0)

    init(places: Int) {
        self.places = places
    }

    /// The most requests of one collection now; what those that are done leave goes to the others.
    var current: Int {
        let collections = max(collections.withLockedValue { $0 }, 1)
        return (places + collections - 1) / collections
    }

    func join() { collections.withLockedValue { $0 += 1 } }

    func leave() { collections.withLockedValue { $0 -= 1 } }
}

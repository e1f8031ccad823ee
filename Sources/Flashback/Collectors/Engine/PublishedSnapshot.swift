internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials
internal import NIOConcurrencyHelpers

/// The latest snapshot. Scrapes read it without waiting for the engine while the engine would return the same one.
final class PublishedSnapshot: Sendable {
    private struct State {
        var snapshot: MetricSnapshot?
        /// Counts data changes since the start.
        var changes = 0
        /// The number of changes that the snapshot includes.
        var written = 0
        /// The steady time until which the whole snapshot may be served.
        var servableUntil = Duration.zero
        /// The calendar times at which the whole snapshot is valid.
        var validity = Date.distantPast..<Date.distantPast
        /// The steady time until which a scrape would trigger no requests.
        var freshUntil = Duration.zero

        func mayBeServed(at moment: Moment) -> Bool { moment.uptime <= servableUntil && validity.contains(moment.date) }
    }

    private let state = NIOLockedValueBox(State())

    /// Records a data change.
    func noteChange() { state.withLockedValue { $0.changes += 1 } }

    /// The number of data changes so far, which a snapshot begun now would include.
    var changes: Int { state.withLockedValue { $0.changes } }

    func publish(
        _ snapshot: MetricSnapshot, with changes: Int, servableUntil: Duration, validity: Range<Date>, freshUntil: Duration
    ) {
        state.withLockedValue { state in
            state.snapshot = snapshot
            (state.written, state.servableUntil, state.validity) = (changes, servableUntil, validity)
            state.freshUntil = freshUntil
        }
    }

    /// The snapshot, if nothing is due and no data has changed since it was written.
    func fresh(at moment: Moment) -> MetricSnapshot? {
        state.withLockedValue { state in
            state.written == state.changes && state.freshUntil > moment.uptime && state.mayBeServed(at: moment)
                ? state.snapshot : nil
        }
    }

    /// The snapshot, if no data has changed since it was written.
    func current(at moment: Moment) -> MetricSnapshot? {
        state.withLockedValue { $0.written == $0.changes && $0.mayBeServed(at: moment) ? $0.snapshot : nil }
    }

    /// The snapshot, if all of its content may still be served, even if newer data is available.
    func servable(at moment: Moment) -> MetricSnapshot? {
        state.withLockedValue { $0.mayBeServed(at: moment) ? $0.snapshot : nil }
    }

    /// When the snapshot must be rewritten even if no data changes.
    var end: (servableUntil: Duration, validUntil: Date) {
        state.withLockedValue { ($0.servableUntil, $0.validity.upperBound) }
    }
}

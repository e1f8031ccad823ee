internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials
internal import NIOConcurrencyHelpers

/// The latest snapshot, which scrapes take without waiting for the engine for as long as it is what they would get from it.
final class PublishedSnapshot: Sendable {
    private struct State {
        var snapshot: MetricSnapshot?
        /// Counts what has become known since the start.
        var changes = 0
        /// What the snapshot has in it of these.
        var written = 0
        /// In steady time: until then all of the snapshot may be served.
        var servableUntil = Duration.zero
        /// Until then all of it is true.
        var validUntil = Date.distantPast
        /// In steady time: until then no scrape would have anything read.
        var freshUntil = Duration.zero

        func mayBeServed(at moment: Moment) -> Bool { moment.uptime <= servableUntil && moment.date < validUntil }
    }

    private let state = NIOLockedValueBox(State())

    /// Something else has become known.
    func noteChange() { state.withLockedValue { $0.changes += 1 } }

    /// How much has become known; what a snapshot has in it that is begun now.
    var changes: Int { state.withLockedValue { $0.changes } }

    func publish(
        _ snapshot: MetricSnapshot, with changes: Int, servableUntil: Duration, validUntil: Date, freshUntil: Duration
    ) {
        state.withLockedValue { state in
            state.snapshot = snapshot
            (state.written, state.servableUntil, state.validUntil) = (changes, servableUntil, validUntil)
            state.freshUntil = freshUntil
        }
    }

    /// The snapshot, if nothing is due and nothing has become known since it was written.
    func fresh(at moment: Moment) -> MetricSnapshot? {
        state.withLockedValue { state in
            state.written == state.changes && state.freshUntil > moment.uptime && state.mayBeServed(at: moment)
                ? state.snapshot : nil
        }
    }

    /// The snapshot, if nothing has become known since it was written.
    func current(at moment: Moment) -> MetricSnapshot? {
        state.withLockedValue { $0.written == $0.changes && $0.mayBeServed(at: moment) ? $0.snapshot : nil }
    }

    /// The snapshot, if all of it may still be served, although more may be known by now.
    func servable(at moment: Moment) -> MetricSnapshot? {
        state.withLockedValue { $0.mayBeServed(at: moment) ? $0.snapshot : nil }
    }

    /// When the snapshot has to be written again though nothing becomes known.
    var end: (servableUntil: Duration, validUntil: Date) {
        state.withLockedValue { ($0.servableUntil, $0.validUntil) }
    }
}

internal import Basics
internal import Configuration
internal import FlashbackAPI
internal import FlashbackCollectors
internal import NIOConcurrencyHelpers

/// Reports failures of a backfill, one line each up to a limit, and its result.
final class BackfillReport: Sendable {
    /// More lines would add nothing new.
    private static let maximumLines = 20

    private struct State {
        var failures = 0
        var dropped: Int64 = 0
        /// The failures that an earlier summary line has counted.
        var summarized = 0
    }

    private let state = NIOLockedValueBox(State())
    private let tell: @Sendable (String) -> Void

    /// - Parameter tell: receives lines without line feeds.
    init(_ tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    /// The number of failed requests.
    var failures: Int { state.withLockedValue { $0.failures } }

    /// - Parameter subject: the bucket and the day of the request, nil for its traffic; nil for a list.
    func failed(_ error: APIError, of subject: (bucket: ListedBucket, day: UTCDay?)?, account: Identifier?) {
        let number = state.withLockedValue { state in
            state.failures += 1
            return state.failures
        }
        guard number <= Self.maximumLines else { return }
        let bucket = subject.map { subject in
            "bucket \(subject.bucket.bucket.name?.debugDescription ?? subject.bucket.id.text)"
                + (subject.day.map { " on \($0.date)" } ?? "") + ": "
        }
        tell((account.map { "account \($0.text.debugDescription): " } ?? "") + (bucket ?? "") + "\(error)")
    }

    /// Reports why an account's traffic is left out. This is not a failure: the API need not offer it.
    func leftOutTraffic(_ reason: String, account: Identifier?) {
        tell((account.map { "account \($0.text.debugDescription): " } ?? "") + "omitting traffic: \(reason)")
    }

    /// Counts rows and fields that could not be used.
    func dropped(_ count: Int64) { state.withLockedValue { $0.dropped += count } }

    /// Writes a concluding line, preceded by the counts of failures without a line and of unusable rows and fields.
    func conclude(_ line: String) {
        let (more, dropped) = state.withLockedValue { state in
            let more = max(0, state.failures - Self.maximumLines) - state.summarized
            defer {
                state.dropped = 0
                state.summarized += more
            }
            return (more, state.dropped)
        }
        if more > 0 { tell("and \(more) more failures") }
        if dropped > 0 { tell("\(dropped) rows or fields of the answers could not be used") }
        tell(line)
    }
}

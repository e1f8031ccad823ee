package import Basics
package import Exposition
package import FlashbackAPI
package import FoundationEssentials
internal import Logging

/// A collector: one kind of request to the API, and the metric families that its answers become.
///
/// Everything about a collector is in its own file: its name, which makes its flags, its endpoint, its lifetime, its families
/// and how a reading is written as samples. ``CollectorCatalogue`` lists them.
package protocol Collector: Sendable {
    /// The families that it writes.
    associatedtype Families: MetricFamilySet

    /// The name in the flags `--[no-]collector.NAME` and `--collector.NAME.ttl`, and in the label `collector`.
    static var name: String { get }
    /// What it reads, for `--help`: "Export …".
    static var summary: String { get }
    /// The endpoint that it requests.
    static var endpoint: EndpointName { get }
    /// How long a reading is served before it is read again, where no flag says otherwise.
    static var defaultLifetime: Duration { get }

    init()
}

/// A collector that learns about all buckets with one request.
package protocol AccountCollector: Collector {
    /// What a request's answer is kept as until the next one.
    associatedtype Answer: Sendable
    /// What is kept about one bucket; `Never` for a collector that says nothing about single buckets.
    associatedtype Reading: Sendable, Equatable = Never

    /// Makes the request.
    func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer>

    /// What an answer says about a bucket.
    /// - Parameters:
    ///   - previous: what is known of it from earlier answers, for a collector whose readings build on each other.
    ///   - wasListedBefore: whether the bucket was listed before the answer was requested. What the answer to an earlier request
    ///     leaves out may only be too new for it.
    /// - Returns: nil if nothing is known.
    func reading(about bucket: ListedBucket, in answer: Answer, after previous: Reading?, wasListedBefore: Bool) -> Reading?

    /// Writes what is known about one of the listed buckets.
    func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>)

    /// Writes what an answer says about the account apart from single buckets.
    func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>)
}

/// A collector that makes a request for each bucket. What fails for one bucket costs that bucket's series only.
package protocol PerBucketCollector: Collector {
    /// What a request's answer is kept as.
    associatedtype Reading: Sendable

    /// Makes the request about one bucket.
    func read(_ bucketID: Identifier, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading>

    /// When a reading stops being true, however young it is; nil for one that only ages.
    func end(of reading: Reading) -> Date?

    /// Says in a bucket's summary, which people see, what an observation tells of it.
    /// - Parameter isServable: whether the metrics still tell it; what they do not, the summary must not either.
    func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary)

    /// Writes what a reading says about one of the listed buckets.
    func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>)

    /// Writes what holds for all readings together.
    func writeCommon(at now: Date, to samples: inout SampleWriter<Families>)
}

extension AccountCollector {
    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {}
    package func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>) {}
}

extension AccountCollector where Reading == Never {
    package func reading(
        about bucket: ListedBucket, in answer: Answer, after previous: Reading?, wasListedBefore: Bool
    ) -> Reading? { nil }
}

extension PerBucketCollector {
    package func end(of reading: Reading) -> Date? { nil }
    package func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary) {}
    package func writeCommon(at now: Date, to samples: inout SampleWriter<Families>) {}
}

/// A reading, and what had to be left out of it.
package struct ReadingResult<Reading: Sendable>: Sendable {
    package let reading: Reading
    package let dropped: DroppedRows
    /// How many buckets, or nodes of a bucket, a limit refused.
    package let refused: Int

    package init(_ reading: Reading, dropped: DroppedRows = DroppedRows(), refused: Int = 0) {
        self.reading = reading
        self.dropped = dropped
        self.refused = refused
    }
}

/// What a collector has at hand when it reads.
package struct ReadingContext: Sendable {
    /// What the contexts of all requests have in common: for each request only a reference is copied.
    private final class Shared: Sendable {
        let account: AccountLabel
        let workspaceIDs: [Identifier]
        let selection: BucketSelection
        let time: TimeSource
        let unknownStatuses: UnknownStatusLog
        let limits: LimitLog

        init(account: Identifier?, configuration: CollectionConfiguration, time: TimeSource, logger: Logger) {
            self.account = AccountLabel(account)
            workspaceIDs = configuration.workspaceIDs
            selection = configuration.selection
            self.time = time
            unknownStatuses = UnknownStatusLog(logger: logger)
            limits = LimitLog(logger: logger)
        }
    }

    private let shared: Shared
    package private(set) var client: FlashbackClient

    init(
        client: FlashbackClient, account: Identifier? = nil, configuration: CollectionConfiguration, time: TimeSource,
        logger: Logger
    ) {
        self.client = client
        shared = Shared(account: account, configuration: configuration, time: time, logger: logger)
    }

    package var account: AccountLabel { shared.account }
    /// The workspaces to read; empty reads all that the account may see.
    package var workspaceIDs: [Identifier] { shared.workspaceIDs }
    package var selection: BucketSelection { shared.selection }
    package var time: TimeSource { shared.time }
    package var unknownStatuses: UnknownStatusLog { shared.unknownStatuses }
    package var limits: LimitLog { shared.limits }

    /// The context for a request that has its place in the budget already.
    func using(_ place: ReservedPlace) -> ReadingContext {
        var context = self
        context.client = client.using(place)
        return context
    }
}

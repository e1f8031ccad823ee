package import Basics
package import Exposition
package import FlashbackAPI
package import FoundationEssentials
internal import Logging

/// A collector: one kind of API request, and the metric families written from the responses.
///
/// A collector's file declares everything about it: its name, which determines its flags, its endpoint, its lifetime, its families and how
/// a reading is written as samples. ``CollectorCatalogue`` lists all collectors.
package protocol Collector: Sendable {
    /// The families that it writes.
    associatedtype Families: MetricFamilySet

    /// The name in the flags `--[no-]collector.NAME` and `--collector.ttl=NAME=DURATION`, and in the label `collector`.
    static var name: String { get }
    /// Its description for `--help`: "Export …".
    static var summary: String { get }
    /// The endpoint that it requests.
    static var endpoint: EndpointName { get }
    /// All endpoints that it requests, for a collector that has to combine several.
    static var endpoints: [EndpointName] { get }
    /// How long a reading is served before it is renewed, unless a flag overrides it.
    static var defaultLifetime: Duration { get }
    /// Whether it is enabled by default.
    static var isOnByDefault: Bool { get }

    init()
}

extension Collector {
    package static var isOnByDefault: Bool { true }
    package static var endpoints: [EndpointName] { [endpoint] }
}

/// A collector that covers all buckets with one request.
package protocol AccountCollector: Collector {
    /// The decoded response, kept until the next one.
    associatedtype Answer: Sendable
    /// The data about one bucket; `Never` for a collector without per-bucket data.
    associatedtype Reading: Sendable, Equatable = Never

    /// Makes the request.
    func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer>

    /// Combines an answer with the previous one, for collectors whose data about the account builds on earlier answers.
    func combine(_ answer: Answer, with previous: Answer?) -> Answer

    /// Extracts the data about a bucket from an answer.
    /// - Parameters:
    ///   - previous: the bucket's reading from earlier answers, for collectors whose readings build on each other.
    ///   - wasListedBefore: whether the bucket was listed before the answer was requested. Otherwise it may be missing from the answer only
    ///     because it is newer.
    /// - Returns: nil if nothing is known.
    func reading(about bucket: ListedBucket, in answer: Answer, after previous: Reading?, wasListedBefore: Bool) -> Reading?

    /// Whether an answer lacks data about a bucket that a later answer may have: the bucket keeps its previous reading, which ages.
    func omits(_ bucket: ListedBucket, in answer: Answer, wasListedBefore: Bool) -> Bool

    /// Writes the reading of a listed bucket.
    func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>)

    /// Writes the parts of an answer that concern the account, not single buckets.
    func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>)

    /// Adds the parts of an answer that concern the account to its summary for the status page.
    func summarize(_ answer: Answer, in summary: inout AccountSummary)
}

/// A collector that makes one request per bucket. A failed request affects only that bucket's series.
package protocol PerBucketCollector: Collector {
    /// The decoded response.
    associatedtype Reading: Sendable

    /// Makes the request for one bucket.
    func read(_ bucketID: Identifier, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading>

    /// How to read many buckets with one request; nil if the API has no endpoint for it.
    static var bulk: BulkSource<Reading>? { get }

    /// The calendar times at which a reading is valid regardless of its age; nil for a reading that only ages. The calendar may be set
    /// back.
    func validity(of reading: Reading) -> Range<Date>?

    /// Adds an observation to a bucket's summary for the status page.
    /// - Parameter isServable: whether the metrics still include the observation; the summary must not show more than they do.
    func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary)

    /// Writes the reading of a listed bucket.
    func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>)

    /// Writes samples that concern all readings together.
    func writeCommon(at now: Date, to samples: inout SampleWriter<Families>)
}

extension AccountCollector {
    /// Whether it has data about single buckets. If not, only the first of several shards collects it, so that no series is exported twice.
    /// exported twice.
    static var isAboutBuckets: Bool { Reading.self != Never.self }

    package func combine(_ answer: Answer, with previous: Answer?) -> Answer { answer }
    package func omits(_ bucket: ListedBucket, in answer: Answer, wasListedBefore: Bool) -> Bool { false }
    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {}
    package func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>) {}
    package func summarize(_ answer: Answer, in summary: inout AccountSummary) {}
}

extension AccountCollector where Reading == Never {
    package func reading(
        about bucket: ListedBucket, in answer: Answer, after previous: Reading?, wasListedBefore: Bool
    ) -> Reading? { nil }
}

extension PerBucketCollector {
    package static var bulk: BulkSource<Reading>? { nil }
    package func validity(of reading: Reading) -> Range<Date>? { nil }
    package func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary) {}
    package func writeCommon(at now: Date, to samples: inout SampleWriter<Families>) {}
}

/// A reading, and counts of what was left out of it.
package struct ReadingResult<Reading: Sendable>: Sendable {
    package let reading: Reading
    package let dropped: DroppedRows
    /// How many buckets, or nodes of a bucket, exceeded a limit.
    package let refused: Int

    package init(_ reading: Reading, dropped: DroppedRows = DroppedRows(), refused: Int = 0) {
        self.reading = reading
        self.dropped = dropped
        self.refused = refused
    }
}

/// The dependencies of a collector's requests.
package struct ReadingContext: Sendable {
    /// State shared by all copies of the context, so that a copy costs only one reference.
    private final class Shared: Sendable {
        let account: AccountLabel
        let workspaceIDs: [Identifier]
        let selection: BucketSelection
        let time: TimeSource
        let unknownStatuses: UnknownStatusLog
        let limits: LimitLog

        init(account: Identifier?, configuration: CollectionConfiguration, time: TimeSource, logger: Logger) {
            self.account = AccountLabel(account, selection: configuration.metrics)
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
    /// The workspaces to read; empty for all workspaces that the account may see.
    package var workspaceIDs: [Identifier] { shared.workspaceIDs }
    package var selection: BucketSelection { shared.selection }
    package var time: TimeSource { shared.time }
    package var unknownStatuses: UnknownStatusLog { shared.unknownStatuses }
    package var limits: LimitLog { shared.limits }

    /// The context for a request that already has its place in the budget.
    func using(_ place: ReservedPlace) -> ReadingContext {
        var context = self
        context.client = client.using(place)
        return context
    }
}

package import Exposition
package import FlashbackAPI
package import FoundationEssentials
internal import Logging

/// A collector: one kind of request to the API, and the metric families that its answers become.
///
/// Everything about a collector stands in its own file: its name, which makes its flags, its endpoint, its lifetime, its families
/// and how a reading is written as samples. ``CollectorCatalogue`` lists them.
package protocol Collector: Sendable {
    /// The families that it writes.
    associatedtype Families: MetricFamilySet
    /// What its request's answer is kept as.
    associatedtype Reading: Sendable

    /// The name in the flags `--[no-]collector.NAME` and `--collector.NAME.ttl`, and in the label `collector`.
    static var name: String { get }
    /// What it reads, for `--help`: "Export …".
    static var summary: String { get }
    /// The endpoint that it asks.
    static var endpoint: EndpointName { get }
    /// How long a reading is served before it is read again, where no flag says otherwise.
    static var defaultLifetime: Duration { get }

    init()

    /// Writes what a reading says about one of the buckets that exist now.
    func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>)
}

/// A collector that learns about all buckets with one request.
package protocol AccountCollector: Collector {
    /// Asks the API.
    /// - Parameter previous: the reading before it, for a collector whose readings build on each other.
    func read(_ context: ReadingContext, after previous: Reading?) async throws(APIError) -> ReadingResult<Reading>

    /// Writes what a reading says about the account apart from single buckets.
    func writeAccount(_ reading: Reading, to samples: inout SampleWriter<Families>)
}

/// A collector that makes a request for each bucket. What fails for one bucket costs that bucket's series only.
package protocol PerBucketCollector: Collector {
    /// Asks the API about one bucket.
    func read(_ bucketID: String, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading>

    /// When a reading stops being true, however young it is; nil for one that only ages.
    func end(of reading: Reading) -> Date?

    /// Says in a bucket's summary, which people see, what an observation tells of it.
    /// - Parameter isServable: whether the metrics still tell it; what they do not, the summary must not either.
    func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary)

    /// Writes what holds for all readings together.
    func writeCommon(at now: Date, to samples: inout SampleWriter<Families>)
}

extension AccountCollector {
    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {}
    package func writeAccount(_ reading: Reading, to samples: inout SampleWriter<Families>) {}
}

extension PerBucketCollector {
    package func end(of reading: Reading) -> Date? { nil }
    package func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary) {}
    package func writeCommon(at now: Date, to samples: inout SampleWriter<Families>) {}
}

extension Collector {
    package var name: String { Self.name }
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
    package let client: FlashbackClient
    package let account: AccountLabel
    /// The workspaces to read; empty reads all that the account may see.
    package let workspaceIDs: [String]
    package let selection: BucketSelection
    package let time: TimeSource
    package let unknownStatuses: UnknownStatusLog
    package let limits: LimitLog
    package let requestShare: RequestShare

    init(
        client: FlashbackClient, account: String? = nil, configuration: CollectionConfiguration, time: TimeSource, logger: Logger
    ) {
        self.client = client
        self.account = AccountLabel(account)
        workspaceIDs = configuration.workspaceIDs
        selection = configuration.selection
        self.time = time
        unknownStatuses = UnknownStatusLog(logger: logger)
        limits = LimitLog(logger: logger)
        requestShare = RequestShare(places: client.budget.maximumConcurrency)
    }
}

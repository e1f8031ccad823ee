package import Basics
package import FlashbackAPI
package import Logging

/// Tests each collector with as few requests as possible and estimates its request load.
package struct CollectorCheck: Sendable {
    /// The result of testing a collector.
    package struct Result: Sendable {
        package let collector: String
        package let lifetime: Duration
        /// The number of requests per lifetime.
        package let requests: Int
        /// Why the collector does not work; nil when it does, or when there is no bucket to test it with.
        package let error: APIError?
        /// How long the test request took, for a collector that makes one request per bucket; nil for others, and without a
        /// bucket.
        fileprivate var duration: Duration?
        /// The estimated time between two requests for the same bucket; nil if unknown.
        package fileprivate(set) var cycle: Duration?

        /// Whether the cycle is longer than two lifetimes.
        package var isTooSlow: Bool { CollectorLifetime.isExceeded(lifetime, by: cycle) }
    }

    /// The buckets that the API lists.
    package struct Buckets: Sendable {
        /// The number of buckets listed.
        package let listed: Int
        /// The buckets that would be collected.
        package let selected: [ListedBucket]
        /// The number of buckets excluded by the limit.
        package let refused: Int
    }

    /// The findings about the collectors, and about the size of scrapes.
    package struct Findings: Sendable {
        package let results: [Result]
        package let account: SampledAccount
    }

    /// How many buckets to test a collector with one request per bucket on, as a sample of all.
    private static let sampledBuckets = 5

    private let configuration: CollectionConfiguration
    private let context: ReadingContext
    private let client: FlashbackClient
    private let account: Identifier?
    private let logger: Logger

    /// - Parameter account: the account's name; nil when there is only one.
    package init(
        client: FlashbackClient, account: Identifier? = nil, configuration: CollectionConfiguration, time: TimeSource,
        logger: Logger
    ) {
        self.configuration = configuration
        self.client = client
        self.account = account
        self.logger = logger
        context = ReadingContext(client: client, account: account, configuration: configuration, time: time, logger: logger)
    }

    /// The listed buckets, and which of them would be collected.
    /// - Throws: why the list could not be read, in which case no collector can work.
    package func buckets() async throws(APIError) -> Buckets {
        let list = try await BucketList.readAll(context).reading
        let (selected, refused) = context.selection.applied(to: list)
        return Buckets(listed: list.count, selected: selected.map(ListedBucket.init), refused: refused)
    }

    /// The findings for the enabled collectors, except the bucket list itself.
    package func findings(about buckets: [ListedBucket]) async -> Findings {
        var sampled = SampledAccount(buckets, client: client, name: account, time: context.time, logger: logger)
        var findings: [Result] = [
            Result(
                collector: CollectorCatalogue.list.name, lifetime: lifetime(of: CollectorCatalogue.list),
                requests: max(1, configuration.workspaceIDs.count), error: nil)
        ]
        for collector in CollectorCatalogue.accountCollectors where configuration.collects(collector) {
            let attempt = await sampled.read(collector, context)
            findings.append(
                Result(
                    collector: collector.name, lifetime: lifetime(of: collector), requests: collector.endpoints.count,
                    error: attempt.error))
        }
        for collector in CollectorCatalogue.perBucketCollectors where configuration.isOn(collector) {
            let column = collector.column(account: context.account)
            findings.append(await finding(about: collector, column, sampled.places))
            sampled.add(collector, column)
        }
        estimateCycles(of: &findings)
        return Findings(results: findings, account: sampled)
    }

    /// Compares the request rate that the collectors need with the rate that is possible if all requests take as long as the test
    /// requests. If it is insufficient, every collector is delayed in proportion to its lifetime.
    private func estimateCycles(of findings: inout [Result]) {
        let durations = findings.compactMap { $0.duration?.inSeconds }
        guard !durations.isEmpty else { return }
        let mean = max(durations.reduce(0, +) / Double(durations.count), 1e-6)
        let budget = context.client.budget
        let possible = min(Double(budget.maximumConcurrency) / mean, budget.currentRate ?? .infinity)
        let wanted = findings.reduce(0) { $0 + Double($1.requests) / max($1.lifetime.inSeconds, 1) }
        for index in findings.indices where findings[index].duration != nil {
            findings[index].cycle = findings[index].lifetime * max(1, wanted / possible)
        }
    }

    private func finding(
        about kind: any PerBucketCollector.Type, _ column: any PerBucketColumn, _ places: [BucketDirectory.Place]
    ) async -> Result {
        if let finding = await findingInBulk(about: kind, column, places) { return finding }
        var failure: APIError?
        var duration: Duration?
        if let first = places.first {
            let start = context.time.uptime
            failure = await column.read(first, context).error
            if failure == nil {
                duration = context.time.uptime - start
                _ = await Self.sample(of: places.dropFirst(), Self.sampledBuckets - 1).concurrentMap { [context] in
                    await column.read($0, context)
                }
            }
        }
        return Result(
            collector: kind.name, lifetime: lifetime(of: kind), requests: places.count, error: failure, duration: duration)
    }

    /// Some places, evenly spaced.
    private static func sample(of places: ArraySlice<BucketDirectory.Place>, _ count: Int) -> [BucketDirectory.Place] {
        stride(from: places.startIndex, to: places.endIndex, by: max(1, (places.count + count - 1) / count)).map { places[$0] }
    }

    /// The finding for a collector that requests many buckets together; nil if it requests each bucket separately.
    private func findingInBulk(
        about kind: any PerBucketCollector.Type, _ column: any PerBucketColumn, _ places: [BucketDirectory.Place]
    ) async -> Result? {
        guard configuration.bulk != .never, column.hasBulk else { return nil }
        var batches: [(bucketIDs: BucketBatch, places: [BucketDirectory.Place])] = []
        var requests = 0
        for place in places {
            if !BucketBatch.admits(place.bucket.id) {
                requests += 1
                continue
            }
            if batches.isEmpty || !batches[batches.count - 1].bucketIDs.add(place.bucket.id) {
                batches.append((BucketBatch(), []))
                _ = batches[batches.count - 1].bucketIDs.add(place.bucket.id)
            }
            batches[batches.count - 1].places.append(place)
        }
        requests += batches.count
        guard let first = batches.first else { return nil }
        let start = context.time.uptime
        let terms = BulkTerms(mode: configuration.bulk, isTrial: false, withoutReports: [], included: [])
        let failure = await column.read(first.places, first.bucketIDs, terms, context).failure
        if configuration.bulk == .auto, failure?.isRefusal == true { return nil }
        return Result(
            collector: kind.name, lifetime: lifetime(of: kind), requests: requests, error: failure,
            duration: failure == nil ? context.time.uptime - start : nil)
    }

    private func lifetime(of collector: any Collector.Type) -> Duration { configuration.lifetime(of: collector).fresh }
}

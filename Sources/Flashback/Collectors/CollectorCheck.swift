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

    private let configuration: CollectionConfiguration
    private let context: ReadingContext

    package init(client: FlashbackClient, configuration: CollectionConfiguration, time: TimeSource, logger: Logger) {
        self.configuration = configuration
        context = ReadingContext(client: client, configuration: configuration, time: time, logger: logger)
    }

    /// The listed buckets, and which of them would be collected.
    /// - Throws: why the list could not be read, in which case no collector can work.
    package func buckets() async throws(APIError) -> Buckets {
        let list = try await BucketList.readAll(context).reading
        let (selected, refused) = context.selection.applied(to: list)
        return Buckets(listed: list.count, selected: selected.map(ListedBucket.init), refused: refused)
    }

    /// The findings for the enabled collectors, except the bucket list itself.
    package func findings(about buckets: [ListedBucket]) async -> [Result] {
        var findings: [Result] = [
            Result(
                collector: CollectorCatalogue.list.name, lifetime: lifetime(of: CollectorCatalogue.list),
                requests: max(1, configuration.workspaceIDs.count), error: nil)
        ]
        for collector in CollectorCatalogue.accountCollectors where configuration.collects(collector) {
            findings.append(await finding(about: collector))
        }
        for collector in CollectorCatalogue.perBucketCollectors where configuration.collectors.contains(collector.name) {
            findings.append(await finding(about: collector, buckets))
        }
        estimateCycles(of: &findings)
        return findings
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

    private func finding<Kind: AccountCollector>(about kind: Kind.Type) async -> Result {
        var failure: APIError?
        do throws(APIError) {
            _ = try await Kind().read(context)
        } catch {
            failure = error
        }
        return Result(collector: kind.name, lifetime: lifetime(of: kind), requests: kind.endpoints.count, error: failure)
    }

    private func finding<Kind: PerBucketCollector>(about kind: Kind.Type, _ buckets: [ListedBucket]) async -> Result {
        if let finding = await findingInBulk(about: kind, buckets) { return finding }
        var failure: APIError?
        var duration: Duration?
        if let bucket = buckets.first {
            let start = context.time.uptime
            do throws(APIError) {
                _ = try await Kind().read(bucket.id, context)
                duration = context.time.uptime - start
            } catch {
                failure = error
            }
        }
        return Result(
            collector: kind.name, lifetime: lifetime(of: kind), requests: buckets.count, error: failure, duration: duration)
    }

    /// The finding for a collector that requests many buckets together; nil if it requests each on its own.
    private func findingInBulk<Kind: PerBucketCollector>(about kind: Kind.Type, _ buckets: [ListedBucket]) async -> Result? {
        guard configuration.bulk != .never, let bulk = kind.bulk else { return nil }
        var batches: [BucketBatch] = []
        var requests = 0
        for bucket in buckets {
            if !BucketBatch.admits(bucket.id) {
                requests += 1
            } else if batches.isEmpty || !batches[batches.count - 1].add(bucket.id) {
                batches.append(BucketBatch())
                _ = batches[batches.count - 1].add(bucket.id)
            }
        }
        requests += batches.count
        guard let first = batches.first else { return nil }
        var failure: APIError?
        let start = context.time.uptime
        do throws(APIError) {
            _ = try await bulk.read(first, context)
        } catch {
            if configuration.bulk == .auto, error.isRefusal { return nil }
            failure = error
        }
        return Result(
            collector: kind.name, lifetime: lifetime(of: kind), requests: requests, error: failure,
            duration: failure == nil ? context.time.uptime - start : nil)
    }

    private func lifetime(of collector: any Collector.Type) -> Duration { configuration.lifetime(of: collector).fresh }
}

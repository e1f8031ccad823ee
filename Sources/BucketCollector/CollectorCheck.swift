package import FlashbackAPI
package import Logging

/// Tries each collector once, with as few requests as show that it works, and tells what it would cost.
package struct CollectorCheck: Sendable {
    /// What the trial of a collector came to.
    package struct Finding: Sendable {
        package let collector: String
        package let lifetime: Duration
        /// How many requests it makes in each lifetime.
        package let requests: Int
        /// Why it does not work; nil when it does, or when there is no bucket to try it with.
        package let error: APIError?
    }

    /// The buckets that the API lists.
    package struct Buckets: Sendable {
        /// How many there are.
        package let listed: Int
        /// Those that would be collected.
        package let selected: [ListedBucket]
        /// How many would be but for the limit.
        package let refused: Int
    }

    private let configuration: CollectionConfiguration
    private let context: ReadingContext

    package init(client: FlashbackClient, configuration: CollectionConfiguration, time: TimeSource, logger: Logger) {
        self.configuration = configuration
        context = ReadingContext(client: client, configuration: configuration, time: time, logger: logger)
    }

    /// The buckets, and which of them would be collected.
    /// - Throws: what keeps the API from telling, in which case no collector can work.
    package func buckets() async throws(APIError) -> Buckets {
        let list = try await CollectorCatalogue.bucketList.list(context).reading
        let (selected, refused) = context.selection.applied(to: list)
        return Buckets(listed: list.count, selected: selected.map(ListedBucket.init), refused: refused)
    }

    /// The findings about the collectors that are on, besides the bucket list itself.
    package func findings(about buckets: [ListedBucket]) async -> [Finding] {
        var findings: [Finding] = [
            Finding(
                collector: CollectorCatalogue.bucketList.name, lifetime: lifetime(of: CollectorCatalogue.bucketList),
                requests: max(1, configuration.workspaceIDs.count), error: nil)
        ]
        for collector in CollectorCatalogue.accountCollectors where configuration.collectors.contains(collector.name) {
            findings.append(await finding(about: collector))
        }
        for collector in CollectorCatalogue.perBucketCollectors where configuration.collectors.contains(collector.name) {
            findings.append(await finding(about: collector, buckets))
        }
        return findings
    }

    private func finding<Kind: AccountCollector>(about kind: Kind.Type) async -> Finding {
        var failure: APIError?
        do throws(APIError) {
            _ = try await Kind().read(context, after: nil)
        } catch {
            failure = error
        }
        return Finding(collector: kind.name, lifetime: lifetime(of: kind), requests: 1, error: failure)
    }

    private func finding<Kind: PerBucketCollector>(about kind: Kind.Type, _ buckets: [ListedBucket]) async -> Finding {
        var failure: APIError?
        if let bucket = buckets.first {
            do throws(APIError) {
                _ = try await Kind().read(bucket.id, context)
            } catch {
                failure = error
            }
        }
        return Finding(collector: kind.name, lifetime: lifetime(of: kind), requests: buckets.count, error: failure)
    }

    private func lifetime(of collector: any Collector.Type) -> Duration { configuration.lifetime(of: collector).fresh }
}

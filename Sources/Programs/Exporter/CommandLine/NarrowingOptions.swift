internal import ArgumentParser
internal import Basics
internal import Configuration
internal import FlashbackCollectors

/// Selects which of an account's buckets are collected.
struct NarrowingOptions: ParsableArguments {
    @Option(
        name: .customLong("bucket.include"),
        help: ArgumentHelp(
            "Export only the buckets whose whole name matches this extended regular expression; may be repeated. An unnamed "
                + "bucket has an empty name.", valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var includedNames: [Pattern] = []

    @Option(
        name: .customLong("bucket.exclude"),
        help: ArgumentHelp(
            "Exclude the buckets whose whole name matches, even if included; may be repeated.", valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var excludedNames: [Pattern] = []

    @Option(
        name: .customLong("workspace.include"),
        help: ArgumentHelp(
            "Export only the buckets whose workspace ID matches; may be repeated. A bucket without a workspace has an empty ID.",
            valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var includedWorkspaces: [Pattern] = []

    @Option(
        name: .customLong("workspace.exclude"),
        help: ArgumentHelp(
            "Exclude the buckets whose workspace ID matches, even if included; may be repeated.", valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var excludedWorkspaces: [Pattern] = []

    @Option(
        name: .customLong("limit.buckets"), parsing: .unconditional,
        help: ArgumentHelp(
            "Maximum number of buckets exported per account, oldest first; 0 means no limit.", valueName: "count"))
    var maximumBuckets = 0

    @Option(
        name: .customLong("limit.nodes-per-bucket"), parsing: .unconditional,
        help: ArgumentHelp(
            "Maximum number of nodes exported per bucket, first by name; 0 means no limit.", valueName: "count"))
    var maximumNodesPerBucket = 0

    @Option(
        name: .customLong("shard.index"), parsing: .unconditional,
        help: ArgumentHelp(
            "Index of this exporter among --shard.total, from 0; \"hostname\" takes the number at the end of the host name, "
                + "as in the pods of a StatefulSet.", valueName: "index"),
        transform: ShardIndex.init(parsing:))
    var shardIndex: ShardIndex?

    @Option(
        name: .customLong("shard.total"), parsing: .unconditional,
        help: ArgumentHelp(
            "Number of exporters that share the buckets, at most \(Shard.maximumShards); limits apply to each of them. (default: no shards)",
            valueName: "count"))
    var shardTotal: Int?

    /// Applies these options to a configuration.
    /// - Parameter hostName: this host's name, evaluated only if an option needs it.
    /// - Throws: a one-line error with the invalid option.
    func narrow(
        _ configuration: CollectionConfiguration, hostName: () -> String = { ShardIndex.hostName() }
    ) throws(InvalidArgument) -> CollectionConfiguration {
        guard maximumBuckets >= 0 else { throw InvalidArgument("--limit.buckets must not be negative") }
        guard maximumNodesPerBucket >= 0 else { throw InvalidArgument("--limit.nodes-per-bucket must not be negative") }
        var configuration = configuration
        configuration.selection.names = PatternFilter(include: includedNames, exclude: excludedNames)
        configuration.selection.workspaces = PatternFilter(include: includedWorkspaces, exclude: excludedWorkspaces)
        configuration.selection.maximumBuckets = maximumBuckets == 0 ? nil : maximumBuckets
        configuration.selection.maximumNodesPerBucket = maximumNodesPerBucket == 0 ? nil : maximumNodesPerBucket
        configuration.selection.shard = try shard(hostName)
        return configuration
    }

    private func shard(_ hostName: () -> String) throws(InvalidArgument) -> Shard? {
        guard let shardTotal else {
            if shardIndex == nil { return nil }
            throw InvalidArgument("--shard.index needs --shard.total")
        }
        guard shardTotal >= 1 else { throw InvalidArgument("--shard.total must be at least 1") }
        guard shardTotal <= Shard.maximumShards else {
            throw InvalidArgument("--shard.total must be at most \(Shard.maximumShards)")
        }
        guard let shardIndex else { throw InvalidArgument("--shard.total needs --shard.index") }
        let index = try shardIndex.resolved(hostName)
        guard let shard = Shard(index: index, total: shardTotal) else {
            throw InvalidArgument("--shard.index: \(index) must be less than --shard.total, which is \(shardTotal)")
        }
        return shard
    }
}

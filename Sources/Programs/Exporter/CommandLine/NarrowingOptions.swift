internal import ArgumentParser
internal import Configuration
internal import FlashbackCollectors

/// Selects which of an account's buckets are collected.
struct NarrowingOptions: ParsableArguments {
    @Option(
        name: .customLong("bucket.include"),
        help: ArgumentHelp(
            "Export only the buckets whose whole name matches this extended regular expression; may be repeated. A bucket without "
                + "a name has an empty one.", valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var includedNames: [Pattern] = []

    @Option(
        name: .customLong("bucket.exclude"),
        help: ArgumentHelp(
            "Leave out the buckets whose whole name matches, included or not; may be repeated.", valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var excludedNames: [Pattern] = []

    @Option(
        name: .customLong("workspace.include"),
        help: ArgumentHelp(
            "Export only the buckets whose workspace's id matches; may be repeated. A bucket without a workspace has an empty id.",
            valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var includedWorkspaces: [Pattern] = []

    @Option(
        name: .customLong("workspace.exclude"),
        help: ArgumentHelp(
            "Leave out the buckets whose workspace's id matches, included or not; may be repeated.", valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var excludedWorkspaces: [Pattern] = []

    @Option(
        name: .customLong("limit.buckets"), parsing: .unconditional,
        help: ArgumentHelp(
            "Most buckets of an account that are exported, the oldest first; 0 does not limit them.", valueName: "count"))
    var maximumBuckets = 0

    @Option(
        name: .customLong("limit.nodes-per-bucket"), parsing: .unconditional,
        help: ArgumentHelp(
            "Most nodes of a bucket that are exported, the first by name; 0 does not limit them.", valueName: "count"))
    var maximumNodesPerBucket = 0

    @Option(
        name: .customLong("shard.index"), parsing: .unconditional,
        help: ArgumentHelp(
            "Which of --shard.total exporters this is, from 0; \"hostname\" takes the number at the end of the host's name, as the "
                + "pods of a StatefulSet have one.", valueName: "index"),
        transform: ShardIndex.init(parsing:))
    var shardIndex: ShardIndex?

    @Option(
        name: .customLong("shard.total"), parsing: .unconditional,
        help: ArgumentHelp(
            "How many exporters share the buckets, each of which exports its part; limits are for each. (default: no shards)",
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
        guard let shardIndex else { throw InvalidArgument("--shard.total needs --shard.index") }
        let index = try shardIndex.resolved(hostName)
        guard let shard = Shard(index: index, total: shardTotal) else {
            throw InvalidArgument("--shard.index: \(index) must be less than --shard.total, which is \(shardTotal)")
        }
        return shard
    }
}

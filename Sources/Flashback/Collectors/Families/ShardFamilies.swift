package import Exposition

/// The part of an account that this exporter collects. Without shards, there are no such series.
package enum ShardFamilies: Int, MetricFamilySet {
    case shard, shards

    package var family: MetricFamily {
        switch self {
        case .shard:
            MetricFamily(
                "flashback_exporter_shard_info", .info,
                help: "Index of the exporter's shard, from 0, in the label shard, always 1; absent without shards.",
                labelNames: ["shard"])
        case .shards:
            MetricFamily(
                "flashback_exporter_shards", .gauge,
                help: "Number of shards that the exporter is configured for; absent without shards.")
        }
    }

    private static let declarations = FamilyDeclarations(of: ShardFamilies.self)

    package static func rendered(_ shard: Shard?) -> [RenderedFamily] {
        guard let shard else { return [] }
        var samples = SampleWriter(declarations)
        samples.append(.shard, LabelBlock(["shard": "\(shard.index)"]), value: 1)
        samples.append(.shards, value: SampleValue(shard.total))
        return samples.rendered()
    }
}

internal import Basics
package import Exposition
package import FlashbackAPI

/// The bridge nodes themselves, as the platform sees them; ``StatusCollector`` reads how they see each bucket.
package struct NodesCollector: AccountCollector {
    package static let name = "nodes"
    package static let summary = "Export the state of the bridge nodes themselves."
    package static let endpoint = ListNodes.name
    package static let defaultLifetime = Duration.seconds(60)
    package static let isOnByDefault = false

    package enum Families: Int, MetricFamilySet {
        case info, status, latency, lastUpdate

        package var family: MetricFamily {
            switch self {
            case .info:
                MetricFamily(
                    "flashback_node_info", .info,
                    help: "A bridge node and its description, always 1; from the fields ip, region, version and the host in url.",
                    labelNames: ["node", "node_region", "version", "host"])
            case .status:
                MetricFamily(
                    "flashback_node_status", .gauge,
                    help:
                        "Whether the node itself is in the state given by the label status (1) or not (0); from the field status.",
                    labelNames: ["node", "status"])
            case .latency:
                MetricFamily(
                    "flashback_node_latency_seconds", .gauge, unit: .seconds,
                    help:
                        "Latency that the platform gives for the node, not for a bucket; from the field latencyMs or latency_ms.",
                    labelNames: ["node"])
            case .lastUpdate:
                MetricFamily(
                    "flashback_node_last_update_timestamp_seconds", .gauge, unit: .seconds,
                    help: "When the node last reported, in seconds since 1970-01-01 UTC; from the field lastUpdated.",
                    labelNames: ["node"])
            }
        }
    }

    package typealias Answer = [BridgeNode]

    package init() {}

    package func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer> {
        let rows = try await context.client.send(ListNodes())
        var dropped = DroppedRows(unreadIn: rows)
        let nodes = dropped.merge(rows.rows, by: \.node, keepingLatest: \.lastUpdated)
        for node in nodes { context.unknownStatuses.note(node.status, of: Self.endpoint) }
        return ReadingResult(nodes, dropped: dropped)
    }

    package func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>) {
        for node in answer {
            let labels = LabelBlock(["node": node.node.text])
            let description = LabelBlock([
                "node_region": node.region ?? "", "version": node.version ?? "", "host": node.host ?? "",
            ])
            samples.append(.info, labels, description, value: 1)
            node.status?.write(to: &samples, .status, labels)
            if let latency = node.latencyMilliseconds {
                samples.append(.latency, labels, value: SampleValue(milliseconds: latency))
            }
            if let date = node.lastUpdated { samples.append(.lastUpdate, labels, value: SampleValue(timestamp: date)) }
        }
    }
}

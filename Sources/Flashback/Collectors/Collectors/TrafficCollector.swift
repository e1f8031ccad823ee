internal import Basics
package import Exposition
package import FlashbackAPI

/// The traffic of the last 24 hours by node and by bucket. Unlike the totals, it shows which node the traffic went through, and how long
/// operations took.
///
/// All values are gauges: the window moves, so they fall as well as rise. The nodes' traffic is read in the first shard only.
package struct TrafficCollector: AccountCollector {
    package static let name = "traffic"
    package static let summary = "Export the last 24 hours' traffic by node and by bucket."
    package static let endpoint = ReadTrafficBreakdown<TrafficByBucket>.name
    package static let endpoints = [ReadTrafficBreakdown<TrafficByBucket>.name, ReadTrafficBreakdown<TrafficByNode>.name]
    package static let defaultLifetime = Duration.seconds(300)
    package static let isOnByDefault = false

    package struct Answer: Sendable {
        let nodes: [WindowTraffic]
        let buckets: [Identifier: WindowTraffic.Totals]
    }

    package typealias Reading = WindowTraffic.Totals

    package init() {}

    package func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer> {
        var dropped = DroppedRows()
        let ofBuckets = try await context.client.trafficOfWindow(by: TrafficByBucket.self)
        let buckets = merged(ofBuckets, &dropped) { context.selection.mayInclude($0.entity) }
        var nodes: [WindowTraffic] = []
        if context.selection.shard?.index ?? 0 == 0 {
            let ofNodes = try await context.client.trafficOfWindow(by: TrafficByNode.self)
            nodes = merged(ofNodes, &dropped) { _ in true }
        }
        let byBucket = buckets.compactMap { bucket in bucket.totals.map { (bucket.entity, $0) } }
        return ReadingResult(
            Answer(nodes: nodes, buckets: Dictionary(uniqueKeysWithValues: byBucket)), dropped: dropped)
    }

    /// Of two rows about the same entity, the later one is kept: if the entity moved to another page, it was read later.
    private func merged(
        _ traffic: Rows<WindowTraffic>, _ dropped: inout DroppedRows, where isWanted: (WindowTraffic) -> Bool
    ) -> [WindowTraffic] {
        dropped += DroppedRows(unreadIn: traffic)
        return dropped.merge(traffic.rows.filter(isWanted), by: \.entity) { _, _ in true }
    }

    /// Nothing is known about a bucket that the answer omits: the API does not document whether such a bucket had no traffic.
    package func reading(
        about bucket: ListedBucket, in answer: Answer, after previous: Reading?, wasListedBefore: Bool
    ) -> Reading? { answer.buckets[bucket.id] }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        write(reading, bucket.labels, [.bucketRequests, .bucketUpload, .bucketDownload, .bucketSizeChange], to: &samples)
        if let latency = latency(reading) { samples.append(.bucketLatency, bucket.labels, value: latency) }
    }

    package func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>) {
        for node in answer.nodes {
            let labels = LabelBlock(["node": node.entity.text])
            samples.append(.nodeInfo, labels, LabelBlock(["node_name": node.name ?? ""]), value: 1)
            guard let totals = node.totals else { continue }
            write(totals, labels, [.nodeRequests, .nodeUpload, .nodeDownload, .nodeSizeChange], to: &samples)
            if let latency = latency(totals) { samples.append(.nodeLatency, labels, value: latency) }
        }
    }

    private func write(
        _ totals: WindowTraffic.Totals, _ labels: LabelBlock, _ families: [Families], to samples: inout SampleWriter<Families>
    ) {
        let values = [totals.requests, totals.uploadBytes, totals.downloadBytes, totals.sizeChangeBytes]
        for (family, value) in zip(families, values) {
            if let value { samples.append(family, labels, value: .integer(value)) }
        }
    }

    /// Nil without operations: the API then returns a number that is not an average.
    private func latency(_ totals: WindowTraffic.Totals) -> SampleValue? {
        totals.requests == 0 ? nil : totals.latencyMilliseconds.map { SampleValue(milliseconds: $0) }
    }
}

extension TrafficCollector {
    package enum Families: Int, MetricFamilySet {
        case bucketRequests, bucketUpload, bucketDownload, bucketSizeChange, bucketLatency
        case nodeInfo, nodeRequests, nodeUpload, nodeDownload, nodeSizeChange, nodeLatency

        package var family: MetricFamily {
            switch self {
            case .bucketRequests: Self.ofBucket("requests", "Operations on the bucket", "requests")
            case .bucketUpload: Self.ofBucket("upload_bytes", unit: .bytes, "Bytes uploaded to the bucket", "uplBytes")
            case .bucketDownload: Self.ofBucket("download_bytes", unit: .bytes, "Bytes downloaded from the bucket", "dwlBytes")
            case .bucketSizeChange:
                Self.ofBucket("size_change_bytes", unit: .bytes, "Bytes written to the bucket minus bytes deleted", "sizeChange")
            case .bucketLatency:
                Self.ofBucket(
                    "latency_seconds", unit: .seconds, "Average latency of the bucket, weighted by the nodes' traffic,",
                    "latencyMs")
            case .nodeInfo:
                MetricFamily(
                    "flashback_node_traffic_24h_info", .info,
                    help: "A node in the statistics of traffic, always 1; from the fields entityId and entityName.",
                    labelNames: ["node", "node_name"])
            case .nodeRequests: Self.ofNode("requests", "Operations through the node", "requests")
            case .nodeUpload: Self.ofNode("upload_bytes", unit: .bytes, "Bytes uploaded through the node", "uplBytes")
            case .nodeDownload: Self.ofNode("download_bytes", unit: .bytes, "Bytes downloaded through the node", "dwlBytes")
            case .nodeSizeChange:
                Self.ofNode("size_change_bytes", unit: .bytes, "Bytes written through the node minus bytes deleted", "sizeChange")
            case .nodeLatency:
                Self.ofNode("latency_seconds", unit: .seconds, "Average latency of operations through the node", "latencyMs")
            }
        }

        private static func ofBucket(
            _ name: String, unit: MetricUnit? = nil, _ subject: String, _ field: String
        ) -> MetricFamily {
            of("bucket", ListedBucket.labelNames, name, unit, subject, field)
        }

        private static func ofNode(
            _ name: String, unit: MetricUnit? = nil, _ subject: String, _ field: String
        ) -> MetricFamily {
            of("node", ["node"], name, unit, subject, field)
        }

        private static func of(
            _ kind: String, _ labelNames: [String], _ name: String, _ unit: MetricUnit?, _ subject: String,
            _ field: String
        ) -> MetricFamily {
            MetricFamily(
                "flashback_\(kind)_traffic_24h_\(name)", .gauge, unit: unit,
                help: "\(subject) in the last 24 hours, not a counter; from the field \(field) in totals.",
                labelNames: labelNames)
        }
    }
}

package import Basics
package import Exposition
package import FlashbackAPI

/// How each bridge node currently sees each bucket.
package struct StatusCollector: PerBucketCollector {
    package static let name = "status"
    package static let summary = "Export how each bridge node sees each bucket now."
    package static let endpoint = ReadBucketStatus.name
    package static let defaultLifetime = Duration.seconds(30)

    package enum Families: Int, MetricFamilySet {
        case info, status, latency, lastUpdate

        private static let labelNames = ListedBucket.labelNames + ["node"]

        package var family: MetricFamily {
            switch self {
            case .info:
                MetricFamily(
                    "flashback_bucket_node_info", .info,
                    help:
                        "A bridge node that serves the bucket and its description, always 1; from the fields ip, region and version.",
                    labelNames: Self.labelNames + ["node_region", "version"])
            case .status:
                MetricFamily(
                    "flashback_bucket_node_status", .gauge,
                    help: "Whether the node sees the bucket in the state given by the label status (1) or not (0); "
                        + "from the field status.",
                    labelNames: Self.labelNames + ["status"])
            case .latency:
                MetricFamily(
                    "flashback_bucket_node_latency_seconds", .gauge, unit: .seconds,
                    help: "Latency of the node's latest probe of the bucket; from the field latency_ms or latencyMs.",
                    labelNames: Self.labelNames)
            case .lastUpdate:
                MetricFamily(
                    "flashback_bucket_node_last_update_timestamp_seconds", .gauge, unit: .seconds,
                    help:
                        "When the node last reported on the bucket, in seconds since 1970-01-01 UTC; from the field lastUpdated.",
                    labelNames: Self.labelNames)
            }
        }
    }

    package typealias Reading = [NodeStatus]

    package init() {}

    package func read(_ bucketID: Identifier, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading> {
        let rows = try await context.client.send(ReadBucketStatus(bucketID: bucketID))
        return Self.reading(rows.rows, DroppedRows(unreadIn: rows), of: Self.endpoint, context)
    }

    /// Many buckets at once. A node's region and version are not in the answer.
    package static var bulk: BulkSource<Reading>? {
        // Every bucket has a latest row for each node that serves it.
        BulkSource(endpoint: ListNodeStatuses.name, mayLackReports: false, empty: { _ in [] }, isEmpty: \.isEmpty) {
            batch, context throws(APIError) in
            let rows = try await context.client.send(ListNodeStatuses(batch))
            return BulkSource.Answer(rows, about: batch, by: \.bucketID) {
                reading($0.map(\.node), DroppedRows(), of: ListNodeStatuses.name, context)
            }
        }
    }

    /// - Parameter dropped: counts of what could not be decoded.
    private static func reading(
        _ rows: [NodeStatus], _ dropped: DroppedRows, of endpoint: EndpointName, _ context: ReadingContext
    ) -> ReadingResult<Reading> {
        var dropped = dropped
        let (nodes, refused) = context.selection.applied(
            to: dropped.merge(rows, by: \.node, keepingLatest: \.lastUpdated), ofNode: \.node)
        for node in nodes { context.unknownStatuses.note(node.status, of: endpoint) }
        return ReadingResult(nodes, dropped: dropped, refused: refused)
    }

    package func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary) {
        summary.nodesReadAt = observation.date
        if isServable { summary.nodes = BucketNodes(observation.reading) }
    }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        for node in reading {
            let labels = LabelBlock(bucket.labels, ["node": node.node.text])
            let description = LabelBlock(["node_region": node.region ?? "", "version": node.version ?? ""])
            samples.append(.info, labels, description, value: 1)
            node.status?.write(to: &samples, .status, labels)
            if let latency = node.latencyMilliseconds {
                samples.append(.latency, labels, value: SampleValue(milliseconds: latency))
            }
            if let date = node.lastUpdated { samples.append(.lastUpdate, labels, value: SampleValue(timestamp: date)) }
        }
    }
}

extension ReachabilityStatus {
    /// The states of a status family, as values of the label `status`.
    private static let states = ["online", "offline", "disconnected", "unknown"].map { LabelBlock(["status": $0]) }

    private var index: Int {
        switch self {
        case .online: 0
        case .offline: 1
        case .disconnected: 2
        case .unknown: 3
        }
    }

    /// Writes the state as a state set.
    func write<Families>(to samples: inout SampleWriter<Families>, _ family: Families, _ labels: LabelBlock) {
        samples.append(family, labels, state: index, of: Self.states)
    }
}

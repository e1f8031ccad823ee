package import Basics
package import Exposition
package import FlashbackAPI
package import FoundationEssentials

/// Each node's statistics for the current UTC day.
package struct DailyCollector: PerBucketCollector {
    package static let name = "daily"
    package static let summary = "Export each bucket's statistics of the day by node."
    package static let endpoint = ReadBucketDailyStatistics.name
    package static let defaultLifetime = Duration.seconds(300)

    package typealias Families = DailyFamilies
    package typealias Reading = DailyReading

    /// The value of the label `day`.
    private static let dayName = "today"

    package init() {}

    package func read(_ bucketID: Identifier, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading> {
        try await DailyReading.read(bucketID, day: UTCDay(context.time.now), context)
    }

    /// After midnight, today's reading describes yesterday.
    package func end(of reading: Reading) -> Date? { reading.day.next.start }

    package func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary) {
        guard isServable else { return }
        summary.uptimeToday = observation.reading.nodes.compactMap(\.uptimePercentage).max().map { $0 / 100 }
    }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        reading.write(about: bucket, day: Self.dayName, to: &samples)
    }

    package func writeCommon(at now: Date, to samples: inout SampleWriter<Families>) {
        DailyReading.write(day: UTCDay(now), called: Self.dayName, to: &samples)
    }
}

/// Each node's statistics for the previous UTC day, the latest complete one.
package struct YesterdayCollector: PerBucketCollector {
    package static let name = "yesterday"
    package static let summary = "Export each bucket's statistics of the day before by node."
    package static let endpoint = ReadBucketDailyStatistics.name
    package static let defaultLifetime = Duration.seconds(3600)

    package typealias Families = DailyFamilies
    package typealias Reading = DailyReading

    /// The value of the label `day`.
    private static let dayName = "yesterday"

    package init() {}

    package func read(_ bucketID: Identifier, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading> {
        try await DailyReading.read(bucketID, day: UTCDay(context.time.now).previous, context)
    }

    /// After midnight, yesterday's reading describes the day before yesterday.
    package func end(of reading: Reading) -> Date? { reading.day.next.next.start }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        reading.write(about: bucket, day: Self.dayName, to: &samples)
    }

    package func writeCommon(at now: Date, to samples: inout SampleWriter<Families>) {
        DailyReading.write(day: UTCDay(now).previous, called: Self.dayName, to: &samples)
    }
}

/// A bucket's statistics for one UTC day, by node.
package struct DailyReading: Sendable {
    let day: UTCDay
    let nodes: [NodeDailyStatistics]

    /// What distinguishes the series of a bucket.
    private struct Identity: Hashable {
        let node: Identifier
        let host: Identifier
    }

    /// Requests a bucket's statistics for a day.
    static func read(
        _ bucketID: Identifier, day: UTCDay, _ context: ReadingContext
    ) async throws(APIError) -> ReadingResult<DailyReading> {
        let rows = try await context.client.send(ReadBucketDailyStatistics(bucketID: bucketID, day: day))
        var dropped = DroppedRows(unreadIn: rows)
        let (nodes, refused) = context.selection.applied(
            to: dropped.merge(
                rows.rows, by: { Identity(node: $0.node, host: $0.host ?? "") }, keepingLatest: \.lastUpdated),
            ofNode: \.node)
        return ReadingResult(DailyReading(day: day, nodes: nodes), dropped: dropped, refused: refused)
    }

    /// - Parameter name: the day's name in the label `day`.
    func write(about bucket: ListedBucket, day name: String, to samples: inout SampleWriter<DailyFamilies>) {
        for node in nodes {
            let labels = LabelBlock(bucket.labels, ["node": node.node.text, "host": node.host?.text ?? "", "day": name])
            if let percentage = node.uptimePercentage {
                samples.append(.uptime, labels, value: SampleValue(percentage: percentage))
            }
            if let latency = node.averageLatencyMilliseconds {
                samples.append(.averageLatency, labels, value: SampleValue(milliseconds: latency))
            }
            if let latency = node.lastLatencyMilliseconds {
                samples.append(.lastLatency, labels, value: SampleValue(milliseconds: latency))
            }
            if let date = node.lastUpdated { samples.append(.lastUpdate, labels, value: SampleValue(timestamp: date)) }
        }
    }

    /// Writes the date that a day's name refers to.
    static func write(day: UTCDay, called name: String, to samples: inout SampleWriter<DailyFamilies>) {
        samples.append(.day, LabelBlock(["day": name]), value: SampleValue(timestamp: day.start))
    }
}

/// The families of daily statistics, for any day.
package enum DailyFamilies: Int, MetricFamilySet {
    case uptime, averageLatency, lastLatency, lastUpdate, day

    private static let labelNames = ListedBucket.labelNames + ["node", "host", "day"]

    package var family: MetricFamily {
        switch self {
        case .uptime:
            MetricFamily(
                "flashback_bucket_node_daily_uptime_ratio", .gauge, unit: .ratio,
                help:
                    "The share of the day, from 0 to 1, in which the node was online for the bucket; from the field perc_uptime.",
                labelNames: Self.labelNames)
        case .averageLatency:
            MetricFamily(
                "flashback_bucket_node_daily_average_latency_seconds", .gauge, unit: .seconds,
                help: "The average of the day's probes of the bucket by the node; from the field avg_latency_ms.",
                labelNames: Self.labelNames)
        case .lastLatency:
            MetricFamily(
                "flashback_bucket_node_daily_last_latency_seconds", .gauge, unit: .seconds,
                help: "How long the day's last probe of the bucket by the node took; from the field last_latency_ms.",
                labelNames: Self.labelNames)
        case .lastUpdate:
            MetricFamily(
                "flashback_bucket_node_daily_last_update_timestamp_seconds", .gauge, unit: .seconds,
                help:
                    "When the day's statistics were last updated, in seconds since 1970-01-01 UTC; from the field last_updated.",
                labelNames: Self.labelNames)
        case .day:
            MetricFamily(
                "flashback_daily_stats_day_timestamp_seconds", .gauge, unit: .seconds,
                help:
                    "The UTC midnight at which the day begins that the daily series speak of, in seconds since 1970-01-01 UTC.",
                labelNames: ["day"])
        }
    }
}

package import Basics
package import Exposition
package import FlashbackAPI
package import FoundationEssentials

/// Each node's statistics for one UTC day relative to now: ``Today`` or ``Yesterday``.
package struct DailyCollector<Day: StatisticsDay>: PerBucketCollector {
    package static var name: String { Day.collectorName }
    package static var summary: String { Day.summary }
    package static var endpoint: EndpointName { ReadBucketDailyStatistics.name }
    package static var defaultLifetime: Duration { Day.defaultLifetime }

    package typealias Families = DailyFamilies

    /// A bucket's statistics for a day, by node.
    package struct Reading: Sendable {
        let day: UTCDay
        let nodes: [NodeDailyStatistics]
    }

    /// What distinguishes the series of a bucket.
    private struct Identity: Hashable {
        let node: Identifier
        let host: Identifier
    }

    package init() {}

    package func read(_ bucketID: Identifier, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading> {
        try await Self.read(bucketID, of: Day.day(at: context.time.now), context)
    }

    /// Makes the request for any day; the backfill uses it for past days.
    static func read(
        _ bucketID: Identifier, of day: UTCDay, _ context: ReadingContext
    ) async throws(APIError) -> ReadingResult<Reading> {
        let rows = try await context.client.send(ReadBucketDailyStatistics(bucketID: bucketID, day: day))
        return Self.reading(rows.rows, of: day, DroppedRows(unreadIn: rows), context)
    }

    /// Many buckets at once. The day's last latency and report time are not in the answer.
    package static var bulk: BulkSource<Reading>? {
        // A day may have no reports yet, and a new bucket had none yesterday.
        BulkSource(
            endpoint: ListNodeDailyStatistics.name, mayLackReports: true,
            empty: { Reading(day: Day.day(at: $0.time.now), nodes: []) }, isEmpty: \.nodes.isEmpty
        ) { batch, context throws(APIError) in
            let day = Day.day(at: context.time.now)
            let rows = try await context.client.send(ListNodeDailyStatistics(batch, day: day))
            // Only one day was requested, so a row without a day belongs to that day.
            return BulkSource.Answer(rows, about: batch, by: \.bucketID, where: { $0.day ?? day == day }) {
                reading($0.map(\.node), of: day, DroppedRows(), context)
            }
        }
    }

    /// - Parameter dropped: counts of what could not be decoded.
    private static func reading(
        _ rows: [NodeDailyStatistics], of day: UTCDay, _ dropped: DroppedRows, _ context: ReadingContext
    ) -> ReadingResult<Reading> {
        var dropped = dropped
        let (nodes, refused) = context.selection.applied(
            to: dropped.merge(rows, by: { Identity(node: $0.node, host: $0.host ?? "") }, keepingLatest: \.lastUpdated),
            ofNode: \.node)
        return ReadingResult(Reading(day: day, nodes: nodes), dropped: dropped, refused: refused)
    }

    /// The times at which the day has this name.
    package func validity(of reading: Reading) -> Range<Date>? { Day.validity(of: reading.day) }

    package func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary) {
        guard isServable, Day.self == Today.self else { return }
        summary.uptimeToday = observation.reading.nodes.compactMap(\.uptimePercentage).max().map { $0 / 100 }
    }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        for node in reading.nodes {
            let labels = DailyFamilies.labels(of: bucket, node: node.node, host: node.host, day: Day.label)
            DailyFamilies.forEachValue(of: node) { family, value in samples.append(family, labels, value: value) }
        }
    }

    /// The date that the day's name refers to.
    package func writeCommon(at now: Date, to samples: inout SampleWriter<Families>) {
        samples.append(.day, LabelBlock(["day": Day.label]), value: SampleValue(timestamp: Day.day(at: now).start))
    }
}

/// A UTC day relative to now, whose statistics are collected.
package protocol StatisticsDay: Sendable {
    static var collectorName: String { get }
    /// See ``Collector/summary``.
    static var summary: String { get }
    static var defaultLifetime: Duration { get }
    /// The value of the label `day`.
    static var label: String { get }
    static func day(at now: Date) -> UTCDay
    /// The times at which the day has its name.
    static func validity(of day: UTCDay) -> Range<Date>
}

/// The current day, whose statistics still change.
package enum Today: StatisticsDay {
    package static let collectorName = "daily"
    package static let summary = "Export each bucket's statistics of the current day by node."
    package static let defaultLifetime = Duration.seconds(300)
    package static let label = "today"

    package static func day(at now: Date) -> UTCDay { UTCDay(now) }
    package static func validity(of day: UTCDay) -> Range<Date> { day.start..<day.next.start }
}

/// The previous day, the latest complete one.
package enum Yesterday: StatisticsDay {
    package static let collectorName = "yesterday"
    package static let summary = "Export each bucket's statistics of the previous day by node."
    package static let defaultLifetime = Duration.seconds(3600)
    package static let label = "yesterday"

    package static func day(at now: Date) -> UTCDay { UTCDay(now).previous }
    package static func validity(of day: UTCDay) -> Range<Date> { day.next.start..<day.next.next.start }
}

/// The families of daily statistics, for any day.
package enum DailyFamilies: Int, MetricFamilySet {
    case uptime, averageLatency, lastLatency, lastUpdate, day

    private static let labelNames = ListedBucket.labelNames + ["node", "host", "day"]

    /// The names of the enabled collectors of daily statistics.
    package static func collectors(in configuration: CollectionConfiguration) -> Set<String> {
        let collectors: [any Collector.Type] = [DailyCollector<Today>.self, DailyCollector<Yesterday>.self]
        return Set(collectors.filter { configuration.isOn($0) }.map { $0.name })
    }

    /// The labels of a node's series.
    static func labels(of bucket: ListedBucket, node: Identifier, host: Identifier?, day: String) -> LabelBlock {
        LabelBlock(bucket.labels, ["node": node.text, "host": host?.text ?? "", "day": day])
    }

    /// The values of a node's series that the API returned.
    static func forEachValue(of node: NodeDailyStatistics, _ body: (DailyFamilies, SampleValue) -> Void) {
        if let percentage = node.uptimePercentage { body(.uptime, SampleValue(percentage: percentage)) }
        if let latency = node.averageLatencyMilliseconds { body(.averageLatency, SampleValue(milliseconds: latency)) }
        if let latency = node.lastLatencyMilliseconds { body(.lastLatency, SampleValue(milliseconds: latency)) }
        if let date = node.lastUpdated { body(.lastUpdate, SampleValue(timestamp: date)) }
    }

    package var family: MetricFamily {
        switch self {
        case .uptime:
            MetricFamily(
                "flashback_bucket_node_daily_uptime_ratio", .gauge, unit: .ratio,
                help:
                    "Share of the day, from 0 to 1, during which the node was online for the bucket; from the field perc_uptime.",
                labelNames: Self.labelNames)
        case .averageLatency:
            MetricFamily(
                "flashback_bucket_node_daily_average_latency_seconds", .gauge, unit: .seconds,
                help: "Average latency of the day's probes of the bucket by the node; from the field avg_latency_ms.",
                labelNames: Self.labelNames)
        case .lastLatency:
            MetricFamily(
                "flashback_bucket_node_daily_last_latency_seconds", .gauge, unit: .seconds,
                help: "Latency of the day's last probe of the bucket by the node; from the field last_latency_ms.",
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
                    "Start of the day that the daily series cover, at midnight UTC, in seconds since 1970-01-01 UTC.",
                labelNames: ["day"])
        }
    }
}

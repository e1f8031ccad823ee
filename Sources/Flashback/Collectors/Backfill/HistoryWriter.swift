package import Basics
package import Exposition
internal import FlashbackAPI

/// Writes histories as samples with timestamps, with the families and labels that a live exporter would have used.
package struct HistoryWriter: Sendable {
    /// The length in bytes at which complete lines are passed on.
    private static let chunk = 256 * 1024

    /// The families, in the order of ``CollectorCatalogue``.
    package static let families = DailyFamilies.allCases

    private let period: BackfillPeriod
    private let days: [BackfilledDay]
    private let timestamps: [UTCDay: OpenMetricsHistory.Timestamps]

    package init(period: BackfillPeriod, configuration: CollectionConfiguration) {
        self.period = period
        days = BackfilledDay.enabled(in: configuration)
        timestamps = Dictionary(uniqueKeysWithValues: period.days.map { ($0, period.timestamps(of: $0)) })
    }

    /// The labels that come before the series' own labels on every line: the account's label, then others.
    package static func constants(
        account: Identifier?, _ labels: [(name: String, value: String)]
    ) -> LabelBlock {
        let account = account.map { LabelBlock(["account": $0.text]) } ?? .none
        return labels.reduce(account) { LabelBlock($0, [$1.name: $1.value]) }
    }

    /// The names of labels that series have themselves, apart from added ones.
    package static var ownLabelNames: Set<String> { Set(families.flatMap(\.family.labelNames) + ["account"]) }

    /// Writes a family's samples that concern the account, not single buckets.
    /// - Parameter write: called with complete lines.
    /// - Returns: the number of samples.
    package func writeCommon<Failure: Error>(
        _ family: DailyFamilies, constants: LabelBlock, _ write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        guard family == .day else { return 0 }
        var samples = 0
        for day in days {
            let values = day.days(in: period).map { ($0, SampleValue(timestamp: $0.start)) }
            samples += try self.write(
                family.family, LabelBlock(["day": day.label]), values, after: day.delay, constants: constants, write)
        }
        return samples
    }

    /// Writes a family's samples about a bucket.
    /// - Parameter write: called with complete lines.
    /// - Returns: the number of samples.
    package func write<Failure: Error>(
        _ family: DailyFamilies, of history: BucketHistory, about bucket: ListedBucket, constants: LabelBlock,
        _ write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        var samples = 0
        for node in history.nodes {
            let values = node.days.compactMap { day -> (UTCDay, SampleValue)? in
                guard let value = day.value(of: family), let date = UTCDay(parsing: day.date) else { return nil }
                return (date, value)
            }
            for day in days where day.families.contains(family) {
                let labels = DailyFamilies.labels(
                    of: bucket, node: Identifier(node.node), host: node.host.map { Identifier($0) }, day: day.label)
                samples += try self.write(
                    family.family, labels, values, after: day.delay, constants: constants, write)
            }
        }
        return samples
    }

    /// Writes a family's samples about a bucket's traffic, as yesterday's: on the day itself, the total was not known yet.
    /// - Parameter write: called with complete lines.
    /// - Returns: the number of samples.
    package func write<Failure: Error>(
        _ family: TrafficHistoryFamilies, of history: BucketHistory, about bucket: ListedBucket, constants: LabelBlock,
        _ write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        let values = (history.traffic ?? []).compactMap { day -> (UTCDay, SampleValue)? in
            guard let value = day.value(of: family), let date = UTCDay(parsing: day.date) else { return nil }
            return (date, value)
        }
        return try self.write(
            family.family, LabelBlock(bucket.labels, ["day": Yesterday.label]), values, after: BackfilledDay.yesterday.delay,
            constants: constants, write)
    }

    /// Writes one series: the value of each day, at all sample times of the day on which it is served.
    private func write<Failure: Error>(
        _ family: MetricFamily, _ labels: LabelBlock, _ values: [(day: UTCDay, value: SampleValue)], after delay: Int,
        constants: LabelBlock, _ write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        let series = OpenMetricsHistory.Series(of: family, constants: constants, labels)
        var samples = 0
        var lines: [UInt8] = []
        for (day, value) in values {
            guard let timestamps = timestamps[day.advanced(by: delay)] else { continue }
            series.append(value, at: timestamps, to: &lines)
            samples += timestamps.count
            if lines.count >= Self.chunk {
                try write(lines)
                lines.removeAll(keepingCapacity: true)
            }
        }
        if !lines.isEmpty { try write(lines) }
        return samples
    }
}

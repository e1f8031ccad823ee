internal import Basics
internal import Configuration
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import FoundationEssentials

/// The validated arguments of a backfill.
struct BackfillRequest: Sendable {
    /// A leap year; the file of a longer period would be unwieldy.
    private static let maximumDays = 366
    private static let minimumStep = 60

    let period: BackfillPeriod
    /// Labels that a scrape would add.
    let labels: [(name: String, value: String)]
    /// The path of the output file.
    let output: String
    /// Whether to write each day's traffic too.
    let includesTraffic: Bool

    /// - Parameters:
    ///   - from: the first day.
    ///   - to: the day after the last one.
    ///   - labels: each in the form `name=value`.
    /// - Throws: a one-line error with the invalid flag.
    init(
        from: String, to: String, step: Duration, labels: [String], output: String, includesTraffic: Bool = false, now: Date
    ) throws(InvalidArgument) {
        period = BackfillPeriod(days: try Self.days(from: from, to: to, now: now), step: try Self.seconds(of: step))
        self.labels = try Self.parsed(labels)
        self.output = output
        self.includesTraffic = includesTraffic
    }

    /// The path of the spool file.
    var spoolPath: String { "\(output).part" }

    /// One line that covers everything that determines what is read and written, without secrets.
    func identity(of accounts: [AccountSettings]) -> String {
        let parts: [String] =
            [
                "flashback-exporter backfill 1", period.days.lowerBound.date, period.days.upperBound.date, "\(period.step)",
                includesTraffic ? "traffic" : "",
            ] + labels.map { "\($0.name)=\($0.value.debugDescription)" }
            + accounts.map { account in
                let collection = account.collection
                let selection = collection.selection
                let patterns = [selection.names, selection.workspaces].map { filter in
                    (filter.include + filter.exclude).map(\.text.debugDescription).joined(separator: ",")
                        + "-\(filter.include.count)"
                }
                return [
                    account.name?.text.debugDescription ?? "", "\(account.upstream.baseURL)",
                    collection.workspaceIDs.map(\.text.debugDescription).joined(separator: ","),
                    DailyFamilies.collectors(in: collection).sorted().joined(separator: ","),
                    patterns.joined(separator: ";"), "\(selection.shard?.index ?? 0)/\(selection.shard?.total ?? 1)",
                    "\(selection.maximumBuckets ?? 0)", "\(selection.maximumNodesPerBucket ?? 0)",
                ].joined(separator: " ")
            }
        return parts.joined(separator: " | ")
    }

    // MARK: Validation

    private static func days(from: String, to: String, now: Date) throws(InvalidArgument) -> Range<UTCDay> {
        let first = try day(from, of: "--from")
        let end = try day(to, of: "--to")
        guard first < end else { throw InvalidArgument("--to: \(to) must be after --from, which is \(from)") }
        let today = UTCDay(now)
        guard end <= today else {
            throw InvalidArgument("--to: only days that are over have final values; give at most today, \(today.date)")
        }
        let count = first.distance(to: end)
        guard count <= maximumDays else {
            throw InvalidArgument("--from: \(count) days are too many for one file; give at most \(maximumDays)")
        }
        return first..<end
    }

    private static func day(_ text: String, of flag: String) throws(InvalidArgument) -> UTCDay {
        guard let day = UTCDay(parsing: text) else {
            throw InvalidArgument("\(flag): \(text.debugDescription) is not a date; write it like 2026-10-01")
        }
        return day
    }

    private static func seconds(of step: Duration) throws(InvalidArgument) -> Int {
        let (seconds, attoseconds) = step.components
        guard attoseconds == 0, (Int64(minimumStep)...Int64(BackfillPeriod.secondsPerDay)).contains(seconds),
            BackfillPeriod.secondsPerDay.isMultiple(of: Int(seconds))
        else { throw InvalidArgument("--step must be from 1m to 1d and divide a day, such as 1m, 5m or 1h") }
        return Int(seconds)
    }

    private static func parsed(_ labels: [String]) throws(InvalidArgument) -> [(name: String, value: String)] {
        var parsed: [(name: String, value: String)] = []
        for label in labels {
            let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[1].isEmpty else {
                throw InvalidArgument("--label: \(label.debugDescription) is not a label; write it like job=flashback")
            }
            guard OpenMetricsHistory.isLabelName(parts[0]) else {
                throw InvalidArgument("--label: \(parts[0].debugDescription) cannot be the name of a label")
            }
            guard !HistoryWriter.ownLabelNames.contains(parts[0]) else {
                throw InvalidArgument("--label: the series have a label \(parts[0]) of their own")
            }
            guard !parsed.contains(where: { $0.name == parts[0] }) else {
                throw InvalidArgument("--label: \(parts[0]) is given twice")
            }
            parsed.append((parts[0], parts[1]))
        }
        return parsed
    }
}

import Basics
import FlashbackCollectors
import Foundation
import TestSupport

/// Judges scrapes by what the API has really answered.
struct ChaosJudge {
    /// A series by its name and labels.
    private typealias Series = String

    /// The highest value of each counter since the program began.
    private var highest: [Series: Double] = [:]
    private var restarts = 0
    private var logLines = 0
    /// The exporter's day at the latest scrape, and when it was first seen.
    private var day = ""
    private var dayChangedAt = Duration.zero

    /// When a scrape began, and what was known then.
    struct Beginning {
        let uptime: Duration
        let date: Date
        let known: ChaosWitness.Knowledge
    }

    /// What is wrong with a scrape.
    /// - Parameters:
    ///   - start: from before the scrape.
    ///   - isComplete: whether everything has been right for long enough that nothing may be missing.
    mutating func faults(
        in text: [UInt8], _ openMetrics: [UInt8], _ account: ChaosAccount, since start: Beginning, isComplete: Bool
    ) -> [String] {
        if Self.day(start.date) != day { (day, dayChangedAt) = (Self.day(start.date), start.uptime) }
        let page: ParsedExposition
        var faults: [String] = []
        do {
            page = try ParsedExposition(text)
            let samples = try OpenMetricsReader.samples(in: openMetrics)
            let own = Set(page.families.flatMap(\.samples).map(Self.series))
            let others = samples.map(Self.series)
            if Set(others).count != others.count { faults.append("a series comes twice in OpenMetrics") }
            if own != Set(others) {
                faults.append("the formats have different series: \(own.symmetricDifference(others).prefix(3))")
            }
        } catch {
            return ["not readable: \(error)"]
        }
        faults += secrets(in: text, account)
        faults += fallenCounters(in: page, account)
        faults += wrongUp(in: page, account, since: start, isComplete)
        faults += wrongDays(in: page, account, since: start)
        faults += wrongBuckets(in: page, account, since: start, isComplete)
        return faults
    }

    private static func series(_ sample: ParsedExposition.Sample) -> Series {
        // OpenMetrics writes the bounds of histograms as floating point numbers.
        sample.name
            + sample.labels.sorted { $0.key < $1.key }.map {
                "|\($0.key)=\($0.key == "le" ? "\(Double($0.value) ?? .infinity)" : $0.value)"
            }
            .joined()
    }

    /// The tokens and credentials that the exporter tells.
    private mutating func secrets(in text: [UInt8], _ account: ChaosAccount) -> [String] {
        let lines = account.log.lines
        let told = Data(text + Array(lines[min(logLines, lines.count)...].joined(separator: "\n").utf8))
        logLines = lines.count
        // A part is a leak, too. The beginning of a web token is no secret, its last part is.
        var secrets = account.witness.known.secrets.map { String($0.suffix(43).prefix(16)) }.filter { $0.count == 16 }
        account.witness.change { known in
            // Tokens of long ago are no longer looked for.
            if known.secrets.count > 40 { known.secrets = [] }
        }
        secrets.append(ChaosAccount.canary)
        return secrets.filter { told.range(of: Data($0.utf8)) != nil }.map { "a secret is told: \($0)" }
    }

    private mutating func fallenCounters(in page: ParsedExposition, _ account: ChaosAccount) -> [String] {
        if account.restarts != restarts { (highest, restarts) = ([:], account.restarts) }
        var faults: [String] = []
        var fallen: Set<String> = []
        for family in page.families where family.type != "gauge" {
            for sample in family.samples {
                let series = Self.series(sample)
                if let before = highest[series], sample.value < before {
                    let id = sample.labels["bucket_id"] ?? ""
                    // Three lower readings announce a true reset.
                    if account.witness.known.totalsRead[id] ?? 0 < 3 {
                        faults.append("\(series) fell from \(before) to \(sample.value)")
                    }
                    fallen.insert(id)
                }
                highest[series] = sample.value
            }
        }
        account.witness.change { known in for id in fallen { known.totalsRead[id] = nil } }
        return faults
    }

    private func wrongUp(
        in page: ParsedExposition, _ account: ChaosAccount, since start: Beginning, _ isComplete: Bool
    ) -> [String] {
        let (up, known) = (page.value("flashback_up"), account.witness.known)
        if isComplete, up != 1 { return ["flashback_up is \(up as Any) although nothing is wrong"] }
        let served = servedFor("buckets", page)
        guard let list = known.lists.last else { return up == 1 ? ["flashback_up is 1 without any list"] : [] }
        if start.uptime - list.askedAt > served, up == 1 { return ["flashback_up is 1 with a list that is too old"] }
        if mayHaveBeenTried(known, start) { return [] }
        if let failedAt = start.known.listFailedAt, start.known.listsUnderWay == 0, start.uptime - failedAt > .seconds(35),
            start.known.lists.last.map({ $0.answeredAt < failedAt }) ?? true, known.lists.last?.answeredAt ?? .zero < failedAt,
            up == 1
        {
            return ["flashback_up is 1 although the latest list failed"]
        }
        if let latest = start.known.lists.last, start.uptime - latest.askedAt < .seconds(20),
            account.mode == .scrape || start.uptime - latest.answeredAt > .seconds(5),
            known.listFailedAt ?? .zero < latest.askedAt, known.listsUnderWay == 0, up != 1
        {
            return ["flashback_up is \(up as Any) although the latest list succeeded"]
        }
        return []
    }

    /// Whether answers may have been to trials of the token, from which the exporter takes no data.
    private func mayHaveBeenTried(_ known: ChaosWitness.Knowledge, _ start: Beginning) -> Bool {
        known.refusedAt.map { start.uptime - $0 < .seconds(240) } ?? false
    }

    private func servedFor(_ collector: String, _ page: ParsedExposition) -> Duration {
        let cycle = page.value("flashback_collector_cycle_seconds", ["collector": collector]) ?? 0
        return max((ChaosAccount.lifetimes[collector] ?? .zero) + ChaosAccount.maxStale, .seconds(2 * cycle))
    }

    private static func dayStart(_ date: Date) -> Double { (date.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400 }

    private func wrongDays(in page: ParsedExposition, _ account: ChaosAccount, since start: Beginning) -> [String] {
        var faults: [String] = []
        for (label, offset) in [("today", 0.0), ("yesterday", -86_400)] {
            let days = [start.date, account.date].map { Self.dayStart($0) + offset }
            if let day = page.value("flashback_daily_stats_day_timestamp_seconds", ["day": label]), !days.contains(day) {
                faults.append("\(label) begins at \(day), not at \(days)")
            }
            for sample in page.samples("flashback_bucket_node_daily_last_update_timestamp_seconds", ["day": label]) {
                // A day's last report may come from before it, where its nodes have not reported in it yet.
                if !days.contains(where: { (-3_600..<86_400).contains(sample.value - $0) }) {
                    faults.append("a report of \(label), which begins at \(days), from \(sample.value)")
                }
            }
        }
        return faults
    }

    /// Buckets that are missing, are too old, or no longer exist.
    private func wrongBuckets(
        in page: ParsedExposition, _ account: ChaosAccount, since start: Beginning, _ isComplete: Bool
    ) -> [String] {
        var faults: [String] = []
        let known = account.witness.known
        let lists = Array(start.known.lists.suffix(1)) + known.lists.filter { $0.answeredAt >= start.uptime }
        let listed = lists.map(\.buckets).reduce(Set()) { $0.union($1) }
        let exported = Set(page.families.flatMap(\.samples).compactMap { $0.labels["bucket_id"] })
        let former = exported.subtracting(listed)
        if account.mode == .scrape, !mayHaveBeenTried(known, start), !former.isEmpty {
            faults.append("buckets that are not listed: \(former)")
        }

        for (collector, family, labels) in [
            ("buckets", "flashback_bucket_info", [:]), ("totals", "flashback_bucket_requests_total", [:]),
            ("available", "flashback_bucket_available", [:]), ("status", "flashback_bucket_node_status", [:]),
            ("daily", "flashback_bucket_node_daily_uptime_ratio", ["day": "today"]),
            ("yesterday", "flashback_bucket_node_daily_uptime_ratio", ["day": "yesterday"]),
        ] {
            let served = servedFor(collector, page)
            let there = Set(page.samples(family, labels).compactMap { $0.labels["bucket_id"] })
            for bucket in listed.union(there) {
                let latest = question(collector, bucket, account.date).flatMap { known.good[$0] }
                if there.contains(bucket) {
                    // What many buckets share is not seen here.
                    if account.bulk != .never, ["status", "daily", "yesterday"].contains(collector) { continue }
                    let latest = [start.date, account.date].compactMap {
                        question(collector, bucket, $0).flatMap { known.good[$0] }
                    }
                    .max { $0.askedAt < $1.askedAt }
                    if latest.map({ start.uptime - $0.askedAt > served }) ?? true {
                        faults.append(
                            "\(family) of \(bucket) \(labels) is too old: \(latest.map { start.uptime - $0.askedAt } as Any)")
                    }
                } else if let reason = reasonToExpect(collector, bucket, account, start, latest, isComplete) {
                    faults.append("\(family) of \(bucket) \(labels) is missing: \(reason)")
                }
            }
        }
        return faults
    }

    private func question(_ collector: String, _ bucket: String, _ date: Date) -> ChaosQuestion? {
        switch collector {
        case "buckets": ChaosQuestion(.list)
        case "totals": ChaosQuestion(.totals, bucket: bucket)
        case "available": ChaosQuestion(.available)
        case "status": ChaosQuestion(.status, bucket: bucket)
        default:
            ChaosQuestion(.daily, bucket: bucket, day: Self.day(date.addingTimeInterval(collector == "daily" ? 0 : -86_400)))
        }
    }

    private static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }

    /// Why a bucket's series must be there; nil if it may be missing.
    private func reasonToExpect(
        _ collector: String, _ bucket: String, _ account: ChaosAccount, _ start: Beginning, _ latest: Answer?, _ isComplete: Bool
    ) -> String? {
        // It may be listed, and asked for, since a moment ago.
        guard let list = start.known.lists.last, list.buckets.contains(bucket),
            account.witness.known.lists.last?.buckets.contains(bucket) == true,
            let since = start.known.listedSince[bucket], since == account.witness.known.listedSince[bucket]
        else { return nil }
        // The exporter counts from the beginning of a call. It may have waited 30 s for a pause to end, and then have made other
        // requests for 30 s.
        let wait = Duration.seconds(60)
        let limit = ChaosAccount.maxStale + (ChaosAccount.lifetimes[collector] ?? .zero) - wait
        if account.time.uptime - list.askedAt > ChaosAccount.maxStale - wait { return nil }
        let isDaily = ["daily", "yesterday"].contains(collector)
        // A day has no reports before it begins, and a new bucket had none yesterday.
        if isDaily, Self.day(start.date) != Self.day(account.date) { return nil }
        if isComplete, !isDaily { return "nothing is wrong" }
        if mayHaveBeenTried(account.witness.known, start) { return nil }
        // The answer for many buckets may have said that there are no reports.
        if account.bulk != .never, isDaily || collector == "status" { return nil }
        guard let latest, latest.hasRows, latest.askedAt >= since, account.time.uptime - latest.askedAt <= limit else {
            return nil
        }
        // What was read as today's data is not yesterday's when the date changes: that is read anew.
        if isDaily, Self.day(latest.date) != Self.day(start.date) || latest.askedAt <= dayChangedAt { return nil }
        let delay: Duration = account.mode == .scrape ? .zero : .seconds(5)
        guard latest.answeredAt + delay < start.uptime else { return nil }
        return "answered \(start.uptime - latest.answeredAt) ago"
    }
}

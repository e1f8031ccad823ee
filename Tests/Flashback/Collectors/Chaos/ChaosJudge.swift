import Basics
import FlashbackCollectors
import Foundation
import TestSupport

/// Judges scrapes by the API's actual answers.
struct ChaosJudge {
    /// What is judged. Often there is no way to know what to expect; a run in which a promise was never judged proves nothing about it.
    enum Promise: String, CaseIterable {
        case formats, counters, secrets, days, listed
        case upIsThere, upAfterList, upAfterFailure, upWhenAllIsRight
        case age, presence
    }

    /// How often each was judged, for ages and presence by collector.
    private(set) var judged: [String: Int] = [:]

    /// A series by its name and labels.
    private typealias Series = String

    /// The highest value of each counter since the program began.
    private var highest: [Series: Double] = [:]
    private var restarts = 0
    private var logLines = 0
    /// The exporter's day at the latest scrape, and when it was first seen.
    private var day = ""
    private(set) var dayChangedAt = Duration.zero

    /// The start of a scrape, and what was known then.
    struct Beginning {
        let uptime: Duration
        let date: Date
        let known: ChaosWitness.Knowledge
    }

    /// The faults of a scrape.
    /// - Parameters:
    ///   - text: the body in the text format.
    ///   - openMetrics: the same in OpenMetrics.
    ///   - start: the state before the scrape.
    ///   - isComplete: whether everything has worked for long enough that no data may be missing.
    mutating func faults(
        in text: [UInt8], _ openMetrics: [UInt8], _ account: ChaosAccount, since start: Beginning, isComplete: Bool
    ) -> [String] {
        let today = Self.day(start.date)
        if !day.isEmpty, today != day { dayChangedAt = start.uptime }
        day = today
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
        judged(.formats)
        faults += secrets(in: text + openMetrics, account)
        faults += fallenCounters(in: page, account)
        faults += wrongUp(in: page, account, since: start, isComplete)
        faults += wrongDays(in: page, account, since: start)
        faults += wrongBuckets(in: page, account, since: start, isComplete)
        return faults
    }

    mutating func judged(_ promise: Promise, of collector: String? = nil) {
        judged[promise.rawValue + (collector.map { " of \($0)" } ?? ""), default: 0] += 1
    }

    /// The promises that were never judged, though they can be in an account of this kind.
    func unjudged(_ account: ChaosAccount) -> [String] {
        let expected: [String] = Promise.allCases.flatMap { promise -> [String] in
            switch promise {
            case .age, .presence: return ChaosAccount.lifetimes.keys.sorted().map { "\(promise.rawValue) of \($0)" }
            // In the background a deleted bucket is served until the next list.
            case .listed where account.mode == .background: return []
            // In some runs, no list fails for long enough.
            case .upAfterFailure: return []
            default: return [promise.rawValue]
            }
        }
        return expected.filter { judged[$0] == nil }
    }

    private static func series(_ sample: ParsedExposition.Sample) -> Series {
        // OpenMetrics writes histogram bounds as floating-point numbers.
        sample.name
            + sample.labels.sorted { $0.key < $1.key }.map {
                "|\($0.key)=\($0.key == "le" ? "\(Double($0.value) ?? .infinity)" : $0.value)"
            }
            .joined()
    }

    /// The tokens and credentials that the exporter reveals.
    private mutating func secrets(in bodies: [UInt8], _ account: ChaosAccount) -> [String] {
        let lines = account.log.lines
        let told = Data(bodies + Array(lines[min(logLines, lines.count)...].joined(separator: "\n").utf8))
        logLines = lines.count
        // A part of a secret is a leak too. The beginning of a web token is not secret, its last part is.
        var secrets = account.witness.known.secrets.map { String($0.suffix(43).prefix(16)) }.filter { $0.count == 16 }
        account.witness.change { known in
            // Old tokens are no longer searched for.
            if known.secrets.count > 40 { known.secrets = [] }
        }
        if !secrets.isEmpty { judged(.secrets) }
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
                if highest[series] != nil { judged(.counters) }
                if let before = highest[series], sample.value < before {
                    let id = sample.labels["bucket_id"] ?? ""
                    // Three lower readings indicate a real reset.
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

    private mutating func wrongUp(
        in page: ParsedExposition, _ account: ChaosAccount, since start: Beginning, _ isComplete: Bool
    ) -> [String] {
        let known = account.witness.known
        // It is absent until the first attempt at the list has ended: a call that may wait 30 s for a pause and then lasts 30 s.
        if page.value("flashback_up") == nil, known.lists.isEmpty, account.time.uptime - known.startedAt < .seconds(65) {
            return []
        }
        guard let up = page.value("flashback_up"), up == 0 || up == 1 else {
            return ["flashback_up is \(page.value("flashback_up").map { "\($0)" } ?? "missing")"]
        }
        judged(.upIsThere)
        if isComplete {
            judged(.upWhenAllIsRight)
            if up == 0 { return ["flashback_up is 0 although nothing is wrong"] }
        }
        let served = servedFor("buckets", page)
        guard let list = known.lists.last else { return up == 1 ? ["flashback_up is 1 without any list"] : [] }
        if start.uptime - list.askedAt > served, up == 1 { return ["flashback_up is 1 with a list that is too old"] }
        let latest = start.known.lists.last
        if let failedAt = start.known.listsFailSince, known.listsFailSince == failedAt, start.uptime - failedAt > .seconds(35) {
            judged(.upAfterFailure)
            if up == 1 { return ["flashback_up is 1 although lists have failed for \(start.uptime - failedAt)"] }
        }
        if let latest, !latest.mayBeOfTrial, start.uptime - latest.askedAt < .seconds(20),
            account.mode == .scrape || start.uptime - latest.answeredAt > .seconds(5),
            known.listFailedAt ?? .zero < latest.askedAt, known.listsUnderWay == 0
        {
            judged(.upAfterList)
            if up == 0 { return ["flashback_up is 0 although the latest list succeeded"] }
        }
        return []
    }

    func servedFor(_ collector: String, _ page: ParsedExposition) -> Duration {
        let cycle = page.value("flashback_collector_cycle_seconds", ["collector": collector]) ?? 0
        return max((ChaosAccount.lifetimes[collector] ?? .zero) + ChaosAccount.maxStale, .seconds(2 * cycle))
    }

    static func dayStart(_ date: Date) -> Double { (date.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400 }

    private mutating func wrongDays(in page: ParsedExposition, _ account: ChaosAccount, since start: Beginning) -> [String] {
        var faults: [String] = []
        for (label, offset) in [("today", 0.0), ("yesterday", -86_400)] {
            let days = [start.date, account.date].map { Self.dayStart($0) + offset }
            if let day = page.value("flashback_daily_stats_day_timestamp_seconds", ["day": label]) {
                judged(.days)
                if !days.contains(day) { faults.append("\(label) begins at \(day), not at \(days)") }
            }
            for sample in page.samples("flashback_bucket_node_daily_last_update_timestamp_seconds", ["day": label]) {
                // A day's last report may be from the previous day, if its nodes have not reported yet.
                if !days.contains(where: { (-3_600..<86_400).contains(sample.value - $0) }) {
                    faults.append("a report of \(label), which begins at \(days), from \(sample.value)")
                }
            }
        }
        return faults
    }

    static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}

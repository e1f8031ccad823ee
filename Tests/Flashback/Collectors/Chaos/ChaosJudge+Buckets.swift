import Basics
import FlashbackCollectors
import Foundation
import TestSupport

extension ChaosJudge {
    /// By collector: a family that each bucket has once the collector has read it.
    private static let families: [(collector: String, family: String, labels: [String: String])] = [
        ("buckets", "flashback_bucket_info", [:]), ("totals", "flashback_bucket_requests_total", [:]),
        ("available", "flashback_bucket_available", [:]), ("status", "flashback_bucket_node_status", [:]),
        ("daily", "flashback_bucket_node_daily_uptime_ratio", ["day": "today"]),
        ("yesterday", "flashback_bucket_node_daily_uptime_ratio", ["day": "yesterday"]),
    ]

    /// Buckets that are missing, are too old, or no longer exist.
    mutating func wrongBuckets(
        in page: ParsedExposition, _ account: ChaosAccount, since start: Beginning, _ isComplete: Bool
    ) -> [String] {
        let known = account.witness.known
        let later = known.lists.filter { $0.answeredAt >= start.uptime }
        // The exporter has taken this list or one after it.
        let taken = start.known.lists.lastIndex { !$0.mayBeOfTrial }
        let lists = start.known.lists[(taken ?? 0)...] + later
        let listed = lists.map(\.buckets).reduce(Set()) { $0.union($1) }
        let (before, now) = (Days(start.date), Days(account.date))
        var faults: [String] = []
        if account.mode == .scrape, taken != nil {
            judged(.listed)
            let former = Set(page.families.flatMap(\.samples).compactMap { $0.labels["bucket_id"] }).subtracting(listed)
            if !former.isEmpty { faults.append("buckets that are not listed: \(former)") }
        }

        for (collector, family, labels) in Self.families {
            let served = servedFor(collector, page)
            let there = Set(page.samples(family, labels).compactMap { $0.labels["bucket_id"] })
            for bucket in listed.union(there) {
                let reason = reasonToExpect(collector, bucket, account, start, before, now, isComplete)
                if reason != nil { judged(.presence, of: collector) }
                if there.contains(bucket) {
                    judged(.age, of: collector)
                    let latest = [before, now].compactMap { known.good[question(collector, bucket, $0)] }
                        .max { $0.askedAt < $1.askedAt }
                    if latest.map({ start.uptime - $0.askedAt > served }) ?? true {
                        faults.append(
                            "\(family) of \(bucket) \(labels) is too old: \(latest.map { start.uptime - $0.askedAt } as Any)")
                    }
                } else if let reason {
                    faults.append("\(family) of \(bucket) \(labels) is missing: \(reason)")
                }
            }
        }
        return faults
    }

    /// The names that days have at a date.
    private struct Days {
        let today: String
        let yesterday: String

        init(_ date: Date) {
            (today, yesterday) = (ChaosJudge.day(date), ChaosJudge.day(date.addingTimeInterval(-86_400)))
        }
    }

    private func question(_ collector: String, _ bucket: String, _ days: Days) -> ChaosQuestion {
        switch collector {
        case "buckets": ChaosQuestion(.list)
        case "totals": ChaosQuestion(.totals, bucket: bucket)
        case "available": ChaosQuestion(.available)
        case "status": ChaosQuestion(.status, bucket: bucket)
        default: ChaosQuestion(.daily, bucket: bucket, day: collector == "daily" ? days.today : days.yesterday)
        }
    }

    /// Why a bucket's series must be there; nil if it may be missing.
    private func reasonToExpect(
        _ collector: String, _ bucket: String, _ account: ChaosAccount, _ start: Beginning, _ before: Days, _ now: Days,
        _ isComplete: Bool
    ) -> String? {
        let known = account.witness.known
        // In the background, what is served is made every few seconds.
        let delay: Duration = account.mode == .scrape ? .zero : .seconds(5)
        // It may be listed, and asked for, since a moment ago.
        guard let since = start.known.listedSince[bucket], since == known.listedSince[bucket],
            let list = start.known.lists.last(where: {
                (isComplete || !$0.mayBeOfTrial) && $0.answeredAt + delay < start.uptime
            }), list.answeredAt >= since
        else { return nil }
        // The exporter counts from the beginning of a call. It may have waited 30 s for a pause to end, and then have made other
        // requests for 30 s.
        let wait = Duration.seconds(60)
        let limit = ChaosAccount.maxStale + (ChaosAccount.lifetimes[collector] ?? .zero) - wait
        if account.time.uptime - list.askedAt > ChaosAccount.maxStale - wait { return nil }
        let isDaily = ["daily", "yesterday"].contains(collector)
        // A day has no reports before it begins, and a new bucket had none yesterday.
        if isDaily, before.today != now.today { return nil }
        if isComplete, !isDaily { return "nothing is wrong" }
        let question = question(collector, bucket, now)
        // A later answer does not make an earlier one less known, unless it says that there are no reports any more.
        let answers = [known.taken[question], start.known.taken[question]].compactMap { $0 }.filter { answer in
            // What was read as today's data is not yesterday's when the date changes: that is read anew.
            if isDaily, Self.dayStart(answer.date) != Self.dayStart(start.date) || answer.askedAt <= dayChangedAt { return false }
            return answer.askedAt >= since && account.time.uptime - answer.askedAt <= limit
                && answer.answeredAt + delay < start.uptime && (known.emptyAt[question].map { $0 < answer.askedAt } ?? true)
        }
        return answers.first.map { "answered \(start.uptime - $0.answeredAt) ago" }
    }
}

internal import Basics
internal import FlashbackCollectors
internal import FoundationEssentials

/// A collector's state.
enum CollectorState: Sendable, Hashable, CaseIterable {
    case off
    /// It has not run yet.
    case waiting
    /// Its latest run failed.
    case failing
    /// Its data is too old to be served, although its latest run succeeded: it has not run since.
    case stale
    /// It failed for some buckets.
    case partly
    case good

    init(of collector: AccountOverview.Collector, at date: Date) {
        guard let report = collector.report else {
            self = .off
            return
        }
        if !report.hasRun {
            self = .waiting
        } else if !report.succeeded {
            self = .failing
        } else if report.lastSuccess.map({ date.timeIntervalSince($0) > report.servedFor.inSeconds }) ?? true {
            self = .stale
        } else {
            self = collector.failingBuckets > 0 ? .partly : .good
        }
    }

    /// Its displayed name.
    var words: HTML {
        switch self {
        case .good: "good"
        case .partly: "partly failing"
        case .failing: "failing"
        case .stale: "stale"
        case .waiting: "pending"
        case .off: "off"
        }
    }
}

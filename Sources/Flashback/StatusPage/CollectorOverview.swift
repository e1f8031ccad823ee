package import FoundationEssentials

/// The page's data about one collector.
package struct CollectorOverview: Sendable {
    /// A collector's state.
    package enum State: Sendable, Hashable, CaseIterable {
        case off
        /// It has not run yet.
        case waiting
        /// Its latest run failed.
        case failing
        /// Its data is too old to be served although its latest run succeeded: it has not run again.
        case stale
        /// It failed for some buckets.
        case partly
        case good
    }

    /// A run that failed for all or some buckets.
    package struct Failure: Sendable, Hashable {
        package var date: Date
        /// One line without secrets.
        package var message: String

        package init(date: Date, message: String) {
            self.date = date
            self.message = message
        }
    }

    package var name: String
    package var isOn: Bool
    package var hasRun: Bool
    /// Whether the latest run succeeded for at least one bucket.
    package var succeeded: Bool
    package var lastSuccess: Date?
    /// How long the latest run took, in seconds.
    package var duration: Double
    /// The number of buckets whose latest request failed.
    package var failingBuckets: Int
    /// For how many seconds its data is served.
    package var servedFor: Double
    package var latestFailure: Failure?

    package init(
        name: String, isOn: Bool = true, hasRun: Bool = false, succeeded: Bool = false, lastSuccess: Date? = nil,
        duration: Double = 0, failingBuckets: Int = 0, servedFor: Double = .infinity, latestFailure: Failure? = nil
    ) {
        self.name = name
        self.isOn = isOn
        self.hasRun = hasRun
        self.succeeded = succeeded
        self.lastSuccess = lastSuccess
        self.duration = duration
        self.failingBuckets = failingBuckets
        self.servedFor = servedFor
        self.latestFailure = latestFailure
    }

    package func state(at date: Date) -> State {
        if !isOn { return .off }
        if !hasRun { return .waiting }
        if !succeeded { return .failing }
        if lastSuccess.map({ date.timeIntervalSince($0) > servedFor }) ?? true { return .stale }
        return failingBuckets > 0 ? .partly : .good
    }
}

internal import FlashbackAPI

/// Whether a collector requests many buckets together, and which buckets it still requests separately.
///
/// A value without a clock; the times are steady.
struct BulkLane {
    /// How long buckets are requested separately after a refusal or an omission.
    static let retryInterval = Duration.seconds(3600)

    /// What is remembered about a bucket that an answer omitted.
    private enum Omission {
        /// The bucket's own request returned rows, so that it is made again.
        case alone(until: Duration)
        /// The bucket's own request returned no rows either, which confirms the omission.
        case noReports(until: Duration)
    }

    /// A change to be logged.
    enum Change {
        /// Buckets are now requested separately.
        case refused(APIError)
        /// Buckets are now requested together again.
        case resumed
    }

    let mode: BulkMode
    /// After a refusal, the time of the next trial; nil while buckets are requested together.
    private var refusedUntil: Duration?
    private var hasTrialUnderWay = false
    /// By slot.
    private var omissions: [Int: Omission] = [:]
    /// The slots of the buckets that the latest answer about them included: the account may read them together with others.
    private var included: Set<Int> = []

    init(_ mode: BulkMode) {
        self.mode = mode
    }

    /// Whether buckets are requested together, except for those omitted.
    var isInUse: Bool { mode != .never && refusedUntil == nil }

    /// Whether the next request may be about many buckets: after a refusal, a trial request is made once in a while.
    func mayRequestTogether(at now: Duration) -> Bool {
        guard mode != .never else { return false }
        guard let refusedUntil else { return true }
        return now >= refusedUntil && !hasTrialUnderWay
    }

    /// Whether a bucket is requested separately.
    func isAlone(_ slot: Int, at now: Duration) -> Bool {
        if case .alone(let end)? = omissions[slot] { now < end } else { false }
    }

    /// Records that many buckets are being requested together.
    mutating func began(_ slots: [Int], at now: Duration) -> BulkTerms {
        let isTrial = refusedUntil != nil
        if isTrial { hasTrialUnderWay = true }
        var quiet: Set<Int> = []
        if !omissions.isEmpty {
            for slot in slots {
                if case .noReports(let end)? = omissions[slot], now < end { quiet.insert(slot) }
            }
        }
        return BulkTerms(mode: mode, isTrial: isTrial, withoutReports: quiet, included: included.intersection(slots))
    }

    /// Records the end of a request about many buckets.
    /// - Parameter error: why it failed.
    /// - Returns: a change to be logged.
    mutating func ended(_ terms: BulkTerms, _ error: APIError?, at now: Duration) -> Change? {
        if terms.isTrial { hasTrialUnderWay = false }
        guard mode == .auto else { return nil }
        switch error {
        case nil:
            // The answer to a request from before the refusal proves nothing.
            guard terms.isTrial else { return nil }
            refusedUntil = nil
            return .resumed
        case let error? where terms.defers(error):
            let wasInUse = refusedUntil == nil
            refusedUntil = now + Self.retryInterval
            return wasInUse ? .refused(error) : nil
        default: return nil
        }
    }

    /// Records the part of an answer about many buckets that concerns one bucket.
    /// - Parameters:
    ///   - isDeferred: whether the answer omitted the bucket, so that it must be requested separately.
    ///   - isEmpty: whether there are no reports about the bucket.
    mutating func answered(_ slot: Int, isDeferred: Bool, isEmpty: Bool, at now: Duration) {
        if isDeferred {
            included.remove(slot)
            omissions[slot] = .alone(until: now + Self.retryInterval)
        } else if !isEmpty {
            included.insert(slot)
            if !omissions.isEmpty { omissions[slot] = nil }
        } else if included.remove(slot) != nil {
            // This is assumed only for a while.
            omissions[slot] = .noReports(until: now + Self.retryInterval)
        }
    }

    /// Records the answer to a bucket's own request.
    mutating func read(_ slot: Int, isEmpty: Bool, at now: Duration) {
        guard case .alone(let end)? = omissions[slot] else { return }
        if isEmpty { omissions[slot] = .noReports(until: end) }
    }

    /// Forgets a bucket that is no longer listed.
    mutating func forget(_ slot: Int) {
        omissions[slot] = nil
        included.remove(slot)
    }
}

/// How to interpret the answer to one request about many buckets.
struct BulkTerms: Sendable {
    /// The meaning of a bucket's absence from the answer.
    enum Omission {
        /// There are no reports about it.
        case noReports
        case failure
        /// Unknown: the bucket must be requested separately.
        case unknown
    }

    let mode: BulkMode
    /// Whether the API refused such requests before.
    let isTrial: Bool
    /// The slots of buckets whose own requests returned no rows either.
    let withoutReports: Set<Int>
    /// The slots of buckets that were in the answer before.
    let included: Set<Int>

    /// - Parameters:
    ///   - mayLackReports: see ``BulkSource/mayLackReports``.
    ///   - isFirstOfDay: whether the bucket's previous observation is no longer valid because its day is over.
    func meaningOfOmission(of slot: Int, mayLackReports: Bool, isFirstOfDay: Bool) -> Omission {
        if withoutReports.contains(slot) { return .noReports }
        guard mode == .auto else { return mayLackReports ? .noReports : .failure }
        // When a day begins, no bucket has reports yet, and all of them would be requested one by one.
        return mayLackReports && isFirstOfDay && included.contains(slot) ? .noReports : .unknown
    }

    /// Whether the buckets are requested separately after an error. The failure of a trial must not lose data that other requests can get.
    func defers(_ error: APIError) -> Bool {
        mode == .auto && (error.isRefusal || isTrial && error.isAttempt)
    }
}

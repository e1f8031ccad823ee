/// A quota of the subscription in GET /user/quota.
package struct SimulatedQuota: Sendable, Hashable {
    /// The code of the quota on stored bytes, as in the documented example.
    package static let storage = "STORAGE_TOTAL_BYTES"
    /// The code of the quota on bytes downloaded in a month, as in the documented example.
    package static let egress = "EGRESS_MONTHLY_BYTES"
    /// The code of the quota on buckets. The documents show no code that counts something other than bytes.
    package static let buckets = "BUCKETS_TOTAL"

    package var code: String
    /// `STORAGE` or `TRAFFIC`.
    package var type: String
    /// `ALL_TIME`, `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`.
    package var periodType: String
    /// The use; nil derives it from the buckets and their traffic.
    package var used: Int64?
    /// The limit; zero is documented as possible.
    package var limit: Int64

    package init(_ code: String, type: String = "STORAGE", periodType: String = "ALL_TIME", used: Int64? = nil, limit: Int64) {
        self.code = code
        self.type = type
        self.periodType = periodType
        self.used = used
        self.limit = limit
    }
}

/// The credits in GET /credits/balance.
package struct SimulatedCredits: Sendable, Hashable {
    /// The balance after the consumption of all days before today.
    package var balance: Double
    /// Credits consumed today for storage.
    package var storage: Double
    /// Credits consumed today for AI.
    package var ai: Double

    package init(balance: Double, storage: Double = 0, ai: Double = 0) {
        self.balance = balance
        self.storage = storage
        self.ai = ai
    }

    /// Credits that are consumed but not yet deducted.
    package var pending: Double { storage + ai }
}

/// The organization's subscription with its quotas, and its credits.
struct Billing: Sendable {
    /// Per initial bucket: an average one stores 12 TB in four years and is read at 0.7 TB a month.
    private static let (storageLimit, egressLimit): (Int64, Int64) = (50_000_000_000_000, 5_000_000_000_000)
    /// The documented price of storage egress through public nodes, in credits per gigabyte.
    private static let creditsPerGigabyte = 10.0

    var hasSubscription = true
    var quotas: [SimulatedQuota]
    var usesCredits = true
    /// Credits set by a test; nil derives them from the traffic.
    var credits: SimulatedCredits?
    /// The credits granted at the start of each month.
    private let monthlyCredits: Double

    /// - Parameters:
    ///   - buckets: the initial number of buckets, for which the limits are sufficient.
    ///   - bucketQuota: the maximum number of buckets; nil for no limit, which is shown as 0.
    init(buckets: Int, bucketQuota: Int?) {
        let buckets = Int64(min(max(1, buckets), 100_000))
        quotas = [
            SimulatedQuota(SimulatedQuota.storage, limit: buckets * Self.storageLimit),
            SimulatedQuota(
                SimulatedQuota.egress, type: "TRAFFIC", periodType: "MONTHLY", limit: buckets * Self.egressLimit),
            SimulatedQuota(SimulatedQuota.buckets, limit: Int64(bucketQuota ?? 0)),
        ]
        monthlyCredits = Double(buckets * Self.egressLimit) / 1e9 * Self.creditsPerGigabyte
    }

    /// How much of a quota is used; 0 for an unknown code.
    func used(of quota: SimulatedQuota, _ organization: Organization, at now: Timestamp) -> Int64 {
        if let used = quota.used { return used }
        switch quota.code {
        case SimulatedQuota.storage:
            return organization.sum { max(0, organization.totals(of: $0, at: now).sizeChange) }
        case SimulatedQuota.egress: return Self.egress(organization, from: now.startOfMonth, to: now)
        case SimulatedQuota.buckets: return Int64(organization.liveCount)
        default: return 0
        }
    }

    /// The credits: granted monthly, consumed by downloads and deducted at midnight.
    func credits(_ organization: Organization, at now: Timestamp) -> SimulatedCredits {
        if let credits { return credits }
        func consumed(from start: Timestamp, to end: Timestamp) -> Double {
            let credits = Double(Self.egress(organization, from: start, to: end)) / 1e9 * Self.creditsPerGigabyte
            return (credits * 100).rounded() / 100
        }
        return SimulatedCredits(
            balance: monthlyCredits - consumed(from: now.startOfMonth, to: now.startOfDay),
            storage: consumed(from: now.startOfDay, to: now))
    }

    private static func egress(_ organization: Organization, from start: Timestamp, to end: Timestamp) -> Int64 {
        organization.sum { bucket in
            let (before, after) = (organization.totals(of: bucket, at: start), organization.totals(of: bucket, at: end))
            return max(0, after.downloadBytes - (start < bucket.createdAt ? 0 : before.downloadBytes))
        }
    }
}

extension Organization {
    /// The sum of a number over the buckets that are not deleted, at most the largest integer.
    fileprivate func sum(_ number: (StoredBucket) -> Int64) -> Int64 {
        liveBuckets.reduce(0) { sum, bucket in
            let (more, isTooLarge) = sum.addingReportingOverflow(number(bucket))
            return isTooLarge ? .max : more
        }
    }
}

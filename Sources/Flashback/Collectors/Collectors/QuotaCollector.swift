internal import Basics
package import Exposition
package import FlashbackAPI

/// The account's subscription and the use of its quotas.
package struct QuotaCollector: AccountCollector {
    package static let name = "quota"
    package static let summary = "Export the account's subscription, and use and limit of its quotas."
    package static let endpoint = ReadQuota.name
    package static let defaultLifetime = Duration.seconds(300)

    package enum Families: Int, MetricFamilySet {
        case isActive, subscription, usedBytes, limitBytes, used, limit, usedRatio

        private static let labelNames = ["capability", "period"]

        package var family: MetricFamily {
            switch self {
            case .isActive:
                MetricFamily(
                    "flashback_subscription_active", .gauge,
                    help:
                        "Whether the account has an active subscription (1) or GET /user/quota answers NO_ACTIVE_SUBSCRIPTION (0)."
                )
            case .subscription:
                MetricFamily(
                    "flashback_subscription_info", .info,
                    help: "The account's subscription, always 1; from the fields subscription.id and subscription.name.",
                    labelNames: ["subscription_id", "subscription_name"])
            case .usedBytes:
                MetricFamily(
                    "flashback_quota_used_bytes", .gauge, unit: .bytes,
                    help: "Bytes used of a quota whose code ends with _BYTES; from the field usage.current.",
                    labelNames: Self.labelNames)
            case .limitBytes:
                MetricFamily(
                    "flashback_quota_limit_bytes", .gauge, unit: .bytes,
                    help: "Limit of a quota whose code ends with _BYTES; from the field usage.max.",
                    labelNames: Self.labelNames)
            case .used:
                MetricFamily(
                    "flashback_quota_used", .gauge,
                    help: "How much is used of a quota that counts something other than bytes; from the field usage.current.",
                    labelNames: Self.labelNames)
            case .limit:
                MetricFamily(
                    "flashback_quota_limit", .gauge,
                    help: "Limit of a quota that counts something other than bytes; from the field usage.max.",
                    labelNames: Self.labelNames)
            case .usedRatio:
                MetricFamily(
                    "flashback_quota_used_ratio", .gauge, unit: .ratio,
                    help:
                        "Used share of a quota, more than 1 when it is exceeded; usage.current divided by usage.max, unless that is 0.",
                    labelNames: Self.labelNames)
            }
        }
    }

    /// The account's subscription and quotas, if it has any.
    package enum Answer: Sendable {
        case active(Subscription?, [CapabilityUsage])
        /// The account has no subscription, and therefore no quotas.
        case noActiveSubscription
    }

    package init() {}

    package func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer> {
        do throws(APIError) {
            let quota = try await context.client.send(ReadQuota())
            var dropped = DroppedRows(unreadIn: quota.usage)
            // The API does not say which of two rows for one capability is right: the larger use warns earlier.
            let usage = dropped.merge(quota.usage.rows, by: \.id) { ($0.used?.double ?? -1) > ($1.used?.double ?? -1) }
            return ReadingResult(.active(quota.subscription, usage), dropped: dropped)
        } catch {
            guard error.code == ReadQuota.noActiveSubscription else { throw error }
            return ReadingResult(.noActiveSubscription)
        }
    }

    package func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>) {
        guard case .active(let subscription, let usage) = answer else {
            samples.append(.isActive, value: 0)
            return
        }
        samples.append(.isActive, value: 1)
        if let subscription {
            let labels = LabelBlock(["subscription_id": subscription.id.text, "subscription_name": subscription.name ?? ""])
            samples.append(.subscription, labels, value: 1)
        }
        for capability in usage {
            let labels = LabelBlock(["capability": capability.id.code.text, "period": capability.id.period.text])
            let isInBytes = capability.isInBytes
            if let used = capability.used { samples.append(isInBytes ? .usedBytes : .used, labels, value: SampleValue(used)) }
            if let limit = capability.limit {
                samples.append(isInBytes ? .limitBytes : .limit, labels, value: SampleValue(limit))
            }
            if let ratio = capability.usedRatio { samples.append(.usedRatio, labels, value: .real(ratio)) }
        }
    }

    package func summarize(_ answer: Answer, in summary: inout AccountSummary) {
        switch answer {
        case .noActiveSubscription: summary.hasSubscription = false
        case .active(_, let usage):
            summary.hasSubscription = true
            summary.quotas = usage.compactMap { capability in
                capability.usedRatio.map {
                    AccountSummary.Quota(
                        capability: capability.id.code.text, usedRatio: $0, isInBytes: capability.isInBytes)
                }
            }
        }
    }
}

extension CapabilityUsage {
    /// Whether used and limit are bytes. The API has no field for the unit; it follows from the code.
    fileprivate var isInBytes: Bool { id.code.text.utf8.reversed().starts(with: "_BYTES".utf8.reversed()) }

    /// Nil without a limit, for a limit of zero, and when the ratio is not finite.
    fileprivate var usedRatio: Double? {
        guard let used = used?.double, let limit = limit?.double, limit > 0 else { return nil }
        let ratio = used / limit
        return ratio.isFinite ? ratio : nil
    }
}

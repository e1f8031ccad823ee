internal import Basics
package import Exposition
package import FlashbackAPI

/// The account's credits.
package struct CreditsCollector: AccountCollector {
    package static let name = "credits"
    package static let summary = "Export the account's balance of credits."
    package static let endpoint = ReadCreditBalance.name
    package static let defaultLifetime = Duration.seconds(300)
    /// Many deployments do not use credits.
    package static let isOnByDefault = false

    package enum Families: Int, MetricFamilySet {
        case isEnabled, balance, realtimeBalance, pendingConsumption, breakdown, appliedAt

        package var family: MetricFamily {
            switch self {
            case .isEnabled:
                MetricFamily(
                    "flashback_credits_enabled", .gauge,
                    help: "Whether the deployment uses credits (1) or GET /credits/balance answers 400 (0).")
            case .balance:
                MetricFamily(
                    "flashback_credits_balance", .gauge,
                    help: "Credits when consumption was last deducted; from the field creditBalance.")
            case .realtimeBalance:
                MetricFamily(
                    "flashback_credits_realtime_balance", .gauge,
                    help: "Credits less pending consumption; from the field realtimeBalance.")
            case .pendingConsumption:
                MetricFamily(
                    "flashback_credits_pending_consumption", .gauge,
                    help: "Credits that are consumed but not yet deducted; from the field pendingConsumption.")
            case .breakdown:
                MetricFamily(
                    "flashback_credits_breakdown", .gauge,
                    help: "Credits by product; from the fields breakdown.storage and breakdown.ai.", labelNames: ["product"])
            case .appliedAt:
                MetricFamily(
                    "flashback_credits_balance_timestamp_seconds", .gauge, unit: .seconds,
                    help:
                        "The last day whose consumption was deducted, in seconds since 1970-01-01 UTC; from the field dateBalance."
                )
            }
        }
    }

    /// The credits; nil in a deployment without credits.
    package typealias Answer = CreditBalance?

    package init() {}

    package func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer> {
        do throws(APIError) {
            let rows = try await context.client.send(ReadCreditBalance())
            return ReadingResult(rows.rows.first, dropped: DroppedRows(unreadIn: rows))
        } catch {
            // The request has no parameters that could be wrong, so the status has its documented meaning.
            guard case .status(400, isThrottled: false) = error.reason else { throw error }
            return ReadingResult(nil)
        }
    }

    package func writeAccount(_ answer: Answer, to samples: inout SampleWriter<Families>) {
        samples.append(.isEnabled, value: SampleValue(answer != nil))
        guard let credits = answer else { return }
        for (family, amount) in [
            (Families.balance, credits.balance), (.realtimeBalance, credits.realtimeBalance),
            (.pendingConsumption, credits.pendingConsumption),
        ] {
            if let amount { samples.append(family, value: SampleValue(amount)) }
        }
        for (product, amount) in [("storage", credits.storage), ("ai", credits.ai)] {
            if let amount { samples.append(.breakdown, LabelBlock(["product": product]), value: SampleValue(amount)) }
        }
        if let date = credits.appliedAt { samples.append(.appliedAt, value: SampleValue(timestamp: date)) }
    }

    package func summarize(_ answer: Answer, in summary: inout AccountSummary) {
        summary.credits = (answer?.realtimeBalance ?? answer?.balance)?.double
    }
}

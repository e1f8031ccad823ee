import NIOConcurrencyHelpers

/// Knows what the API has really answered, from where the exporter's knowledge comes.
final class ChaosWitness: Sendable {
    struct Knowledge {
        /// The latest good answer to each question.
        var good: [ChaosQuestion: Answer] = [:]
        /// The good lists, the latest one last.
        var lists: [Answer] = []
        /// Since when each bucket is listed without a gap.
        var listedSince: [String: Duration] = [:]
        var listsUnderWay = 0
        /// When the latest request for the list failed.
        var listFailedAt: Duration?
        /// How often the totals were read since they were made to fall, by bucket; nil for a bucket whose totals may not fall.
        var totalsRead: [String: Int] = [:]
        /// When the API last answered 401. The exporter then tries the token with requests like those for data.
        var refusedAt: Duration?
        /// Every token that was ever sent.
        var secrets: Set<String> = []
        /// Whether the answer to a renewal was lost, so that the exporter holds a token that is worth nothing.
        var hasLostGrant = false
    }

    private let knowledge = NIOLockedValueBox(Knowledge())

    var known: Knowledge { knowledge.withLockedValue { $0 } }

    func change(_ change: (inout Knowledge) -> Void) { knowledge.withLockedValue { change(&$0) } }

    func note(secrets: [String]) { change { $0.secrets.formUnion(secrets) } }

    func noteLostGrant() { change { $0.hasLostGrant = true } }

    /// The totals of a bucket fall; if they have fallen already, the exporter goes on counting their lower readings.
    func mayFall(_ bucket: String) { change { $0.totalsRead[bucket] = $0.totalsRead[bucket] ?? 0 } }

    func began(_ question: ChaosQuestion) {
        if question.kind == .list { change { $0.listsUnderWay += 1 } }
    }

    /// - Parameter answer: nil unless it was good.
    func ended(_ question: ChaosQuestion, _ answer: Answer?, at now: Duration) {
        change { known in
            if question.kind == .list { known.listsUnderWay -= 1 }
            guard var answer else {
                if question.kind == .list { known.listFailedAt = now }
                return
            }
            answer.answeredAt = now
            known.good[question] = answer
            switch question.kind {
            case .list:
                known.lists = known.lists.suffix(20) + [answer]
                for bucket in answer.buckets where known.listedSince[bucket] == nil { known.listedSince[bucket] = now }
                known.listedSince = known.listedSince.filter { answer.buckets.contains($0.key) }
            case .totals:
                for bucket in answer.buckets {
                    known.good[ChaosQuestion(.totals, bucket: bucket)] = answer
                    if let count = known.totalsRead[bucket] { known.totalsRead[bucket] = count + 1 }
                }
            default: break
            }
        }
    }
}

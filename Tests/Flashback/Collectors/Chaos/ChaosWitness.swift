import NIOConcurrencyHelpers

/// Records the API's actual answers, which are the source of the exporter's data.
final class ChaosWitness: Sendable {
    struct Knowledge {
        /// When the exporter started.
        var startedAt = Duration.zero
        /// The latest valid answer to each question.
        var good: [ChaosQuestion: Answer] = [:]
        /// The latest valid answer to each question that was not a trial of the token.
        var taken: [ChaosQuestion: Answer] = [:]
        /// When a valid answer last had no reports.
        var emptyAt: [ChaosQuestion: Duration] = [:]
        /// The valid lists, the latest one last.
        var lists: [Answer] = []
        /// Since when each bucket has been listed without a gap.
        var listedSince: [String: Duration] = [:]
        var listsUnderWay = 0
        /// When the latest request for the list failed.
        var listFailedAt: Duration?
        /// Since when requests for the list have failed, except for trials and requests that may have caused one; nil if there has been a
        /// valid list since.
        var listsFailSince: Duration?
        /// By bucket, how often the totals were read since they were made to fall; nil for a bucket whose totals may not fall.
        var totalsRead: [String: Int] = [:]
        /// When the API last answered 401, while the trial that may have followed may be in progress. The exporter then tries the token with
        /// requests that look like requests for data, and takes no data from their answers.
        var refusedAt: Duration?
        /// When the API last asked for a pause.
        var throttledAt: Duration?
        var underWay = 0
        /// When the latest request ended.
        var endedAt = Duration.zero
        /// Every token that was ever sent.
        var secrets: Set<String> = []
        /// Whether the answer to a renewal was lost, so that the exporter's token is worthless.
        var hasLostGrant = false

        /// Trials wait only for their requests and for a place in the budget. All have ended when no request has been in progress for longer
        /// than the longest interval between requests, 2 s, and the longest pause is over.
        fileprivate mutating func noteEndOfTrials(at now: Duration) {
            guard let refused = refusedAt else { return }
            let isPaused = throttledAt.map { now - $0 < .seconds(100) } ?? false
            let isIdle = underWay == 0 && now - endedAt > .seconds(3) && !isPaused
            // Two trials of four requests, each of which waits for 30 s and lasts 30 s.
            if isIdle || now - refused > .seconds(480) { refusedAt = nil }
        }
    }

    private let knowledge = NIOLockedValueBox(Knowledge())

    var known: Knowledge { knowledge.withLockedValue { $0 } }

    func change(_ change: (inout Knowledge) -> Void) { knowledge.withLockedValue { change(&$0) } }

    func note(secrets: [String]) { change { $0.secrets.formUnion(secrets) } }

    func noteLostGrant() { change { $0.hasLostGrant = true } }

    /// The totals of a bucket may now fall. If they have fallen already, the exporter continues to count their lower readings.
    func mayFall(_ bucket: String) { change { $0.totalsRead[bucket] = $0.totalsRead[bucket] ?? 0 } }

    func note(status: Int, at now: Duration) {
        change { known in
            if status == 401 { known.refusedAt = now }
            if status == 429 { known.throttledAt = now }
        }
    }

    /// Forgets everything, like an exporter that has been restarted.
    func forget(at now: Duration) {
        change { known in
            known.startedAt = now
            (known.good, known.taken, known.emptyAt, known.lists, known.listedSince) = ([:], [:], [:], [], [:])
            (known.listFailedAt, known.listsFailSince) = (nil, nil)
        }
    }

    /// - Returns: whether the request may be a trial of the token.
    func began(_ question: ChaosQuestion, at now: Duration) -> Bool {
        knowledge.withLockedValue { known in
            if question.kind == .list { known.listsUnderWay += 1 }
            known.noteEndOfTrials(at: now)
            known.underWay += 1
            return known.refusedAt != nil
        }
    }

    func ended(_ question: ChaosQuestion, _ answer: Answer, at now: Duration) {
        change { known in
            if question.kind == .list { known.listsUnderWay -= 1 }
            known.underWay -= 1
            known.endedAt = now
            guard answer.isPristine else {
                if question.kind == .list {
                    known.listFailedAt = now
                    if !answer.mayBeOfTrial, known.refusedAt != now, known.listsFailSince == nil { known.listsFailSince = now }
                }
                return
            }
            var answer = answer
            answer.answeredAt = now
            known.note(answer, to: question)
            for part in question.parts {
                var answer = answer
                answer.hasRows = answer.buckets.contains(part.bucket ?? "")
                known.note(answer, to: part)
            }
            switch question.kind {
            case .list:
                known.listsFailSince = nil
                known.lists = known.lists.suffix(20) + [answer]
                for bucket in answer.buckets where known.listedSince[bucket] == nil { known.listedSince[bucket] = now }
                known.listedSince = known.listedSince.filter { answer.buckets.contains($0.key) }
            case .totals:
                for bucket in answer.buckets {
                    known.note(answer, to: ChaosQuestion(.totals, bucket: bucket))
                    if let count = known.totalsRead[bucket] { known.totalsRead[bucket] = count + 1 }
                }
            default: break
            }
        }
    }
}

extension ChaosWitness.Knowledge {
    fileprivate mutating func note(_ answer: Answer, to question: ChaosQuestion) {
        good[question] = answer
        if !answer.mayBeOfTrial { taken[question] = answer }
        if !answer.hasRows { emptyAt[question] = answer.answeredAt }
    }
}

internal import Basics
internal import NIOConcurrencyHelpers

/// Tells a token that the API refuses from one that it takes, but not for everything: it answers 401 to both.
///
/// A 401 counts against the token only when nothing has accepted the token since the request was sent, and nothing does when it is
/// tried: what accepted it last, and the account's lists. One trial serves all requests that were refused by then.
final class TokenEvidence: Sendable {
    /// Asks with a token whether one of some requests is accepted; nil when that was broken off.
    typealias Trial = @Sendable (AccessToken, [Question]) async -> Bool?

    private struct State {
        /// The token that the rest is about, besides the witness.
        var token: AccessToken?
        /// When the latest accepted request was sent.
        var acceptedAt: Duration?
        /// What is refused although the token is accepted. It need not be tried again.
        var forbidden: Set<Question> = []
        /// What the API has accepted last, perhaps with an earlier token.
        var witness: Question?
        var trial: TrialUnderWay?

        mutating func turn(to token: AccessToken) {
            if self.token == token { return }
            self.token = token
            acceptedAt = nil
            forbidden = []
        }

        mutating func note(forbidden question: Question) {
            // What is forgotten costs one more trial.
            if forbidden.count >= TokenEvidence.mostForbidden { forbidden = [] }
            forbidden.insert(question)
        }
    }

    private struct TrialUnderWay {
        let token: AccessToken
        let beganAt: Duration
        let task: Task<Bool?, Never>
    }

    private static let mostForbidden = 1000

    private let lists: [Question]
    private let time: TimeSource
    private let state = NIOLockedValueBox(State())

    /// - Parameter lists: what can be asked of every account.
    init(lists: [Question], time: TimeSource) {
        self.lists = lists
        self.time = time
    }

    /// Notes that a request was answered with a 2xx.
    func accepted(_ question: Question, with token: AccessToken, sentAt: Duration) {
        state.withLockedValue { state in
            state.witness = question
            // An answer that comes late must not bring back the token before.
            if state.token != token, let acceptedAt = state.acceptedAt, acceptedAt > sentAt { return }
            state.turn(to: token)
            state.acceptedAt = max(state.acceptedAt ?? sentAt, sentAt)
        }
    }

    /// Whether the API refuses the token, and not only a request that it has answered with 401.
    /// - Parameter trial: tries the token where there is no evidence.
    /// - Returns: nil when the task was cancelled before that was known.
    func isRefused(_ token: AccessToken, by question: Question, sentAt: Duration, trial: @escaping Trial) async -> Bool? {
        while !Task.isCancelled {
            let step: TrialUnderWay? = state.withLockedValue { state in
                if state.token == token {
                    if let acceptedAt = state.acceptedAt, acceptedAt >= sentAt { state.note(forbidden: question) }
                    if state.forbidden.contains(question) { return nil }
                }
                if let underWay = state.trial, underWay.token == token { return underWay }
                let candidates = ([state.witness].compactMap { $0 } + lists.filter { $0 != state.witness }).filter {
                    $0 != question
                }
                let new = TrialUnderWay(
                    token: token, beganAt: time.uptime, task: Task { await self.judge(token, candidates, trial) })
                state.trial = new
                return new
            }
            guard let step else { return false }
            let isAccepted = await withTaskCancellationHandler {
                await step.task.value
            } onCancel: {
                step.task.cancel()
            }
            switch isAccepted {
            case false?: return true
            case true? where step.beganAt >= sentAt:
                state.withLockedValue { if $0.token == token { $0.note(forbidden: question) } }
                return false
            // Broken off by another that waited for it, or of a time before the request: tried again.
            case true?, nil: continue
            }
        }
        return nil
    }

    private func judge(_ token: AccessToken, _ candidates: [Question], _ trial: Trial) async -> Bool? {
        let isAccepted = await trial(token, candidates)
        state.withLockedValue { if $0.trial?.token == token { $0.trial = nil } }
        return isAccepted
    }
}

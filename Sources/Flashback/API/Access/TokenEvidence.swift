internal import Basics
internal import NIOConcurrencyHelpers

/// Decides whether a 401 means that the token is invalid or that it lacks a permission; the API answers 401 in both cases.
///
/// A token counts as invalid only if no request with it has been accepted since the failed request was sent, and a trial rejects it too.
/// The trial repeats the request accepted most recently and the account's list requests. One trial serves all requests that were rejected
/// before it. A trial without a 2xx or a 401, as in an outage, shows nothing about the token.
final class TokenEvidence: Sendable {
    /// What is known about a token that got a 401.
    enum Finding: Sendable {
        /// The API accepts it for other requests.
        case accepted
        /// The API rejects it for the trial's requests too.
        case refused
        /// The trial's requests fail for reasons that need not be related to the token.
        case inconclusive
    }

    /// Sends requests with a token until one is accepted; nil when cancelled.
    typealias Trial = @Sendable (AccessToken, [Question]) async -> Finding?

    private struct State {
        /// The token that the other fields describe, except the witness.
        var token: AccessToken?
        /// When the most recently accepted request was sent.
        var acceptedAt: Duration?
        /// Requests that were rejected although the token is valid. While it is known to be valid, they need no further trial.
        var forbidden: Set<Question> = []
        /// The request that the API accepted most recently, possibly with an earlier token.
        var witness: Question?
        var trial: TrialUnderWay?

        mutating func turn(to token: AccessToken) {
            if self.token == token { return }
            self.token = token
            acceptedAt = nil
            forbidden = []
        }

        /// Whether a request that was rejected before needs no trial. The token may have been revoked since an earlier proof of its
        /// validity.
        func isKnownAsForbidden(_ question: Question, sentAt: Duration) -> Bool {
            guard forbidden.contains(question), let acceptedAt else { return false }
            return sentAt - acceptedAt <= TokenEvidence.maximumTrust
        }

        mutating func note(forbidden question: Question) {
            // A forgotten entry costs only one more trial.
            if forbidden.count >= TokenEvidence.maximumForbidden { forbidden = [] }
            forbidden.insert(question)
        }
    }

    private struct TrialUnderWay {
        let token: AccessToken
        let beganAt: Duration
        let task: Task<Finding?, Never>
    }

    private static let maximumForbidden = 1000
    /// How long an accepted request shows that the token is valid.
    private static let maximumTrust = Duration.seconds(60)

    private let lists: [Question]
    private let time: TimeSource
    private let state = NIOLockedValueBox(State())

    /// - Parameter lists: requests that every account may make.
    init(lists: [Question], time: TimeSource) {
        self.lists = lists
        self.time = time
    }

    /// Records that a request got a 2xx response.
    func accepted(_ question: Question, with token: AccessToken, sentAt: Duration) {
        state.withLockedValue { state in
            state.witness = question
            // A late answer must not bring back the previous token.
            if state.token != token, let acceptedAt = state.acceptedAt, acceptedAt > sentAt { return }
            state.turn(to: token)
            state.acceptedAt = max(state.acceptedAt ?? sentAt, sentAt)
        }
    }

    /// Whether the API rejects the token itself, or just a request that got a 401.
    /// - Parameter trial: tests the token when there is no evidence yet.
    /// - Returns: nil when the task was cancelled before the result was known.
    func finding(on token: AccessToken, refusedFor question: Question, sentAt: Duration, trial: @escaping Trial) async -> Finding?
    {
        while !Task.isCancelled {
            let step: TrialUnderWay? = state.withLockedValue { state in
                if state.token == token {
                    if let acceptedAt = state.acceptedAt, acceptedAt >= sentAt { state.note(forbidden: question) }
                    if state.isKnownAsForbidden(question, sentAt: sentAt) { return nil }
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
            guard let step else { return .accepted }
            let finding = await withTaskCancellationHandler {
                await step.task.value
            } onCancel: {
                step.task.cancel()
            }
            switch finding {
            case .refused?, .inconclusive?: return finding
            case .accepted? where step.beganAt >= sentAt:
                state.withLockedValue { if $0.token == token { $0.note(forbidden: question) } }
                return .accepted
            // The trial was cancelled by another waiter, or predates the request: try again.
            case .accepted?, nil: continue
            }
        }
        return nil
    }

    private func judge(_ token: AccessToken, _ candidates: [Question], _ trial: Trial) async -> Finding? {
        let finding = await trial(token, candidates)
        state.withLockedValue { if $0.trial?.token == token { $0.trial = nil } }
        return finding
    }
}

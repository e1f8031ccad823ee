import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport

/// An API that accepts only some tokens, rejects some paths even with these, and may have faults.
final class SelectiveAPI: Sendable {
    /// The paths of the requests that the client tries a token with.
    static let lists = ["/bucket", "/bucket/stats", "/bucket/available"]

    private struct State {
        var good: Set<String> = ["good"]
        var forbidden: Set<String>
        /// The statuses of paths that answer every token in the same way; nil for a path that never answers.
        var faults: [String: Int?] = [:]
        var requests: [String] = []
    }

    private let time: ManualTime
    private let latency: Duration
    private let state: NIOLockedValueBox<State>

    init(_ time: ManualTime, forbidden: Set<String> = [], latency: Duration = .zero) {
        self.time = time
        self.latency = latency
        state = NIOLockedValueBox(State(forbidden: forbidden))
    }

    /// Accepts another token too.
    func accept(_ token: String) { state.withLockedValue { _ = $0.good.insert(token) } }

    /// Accepts only these tokens.
    func acceptOnly(_ tokens: String...) { state.withLockedValue { $0.good = Set(tokens) } }

    var forbidden: Set<String> {
        get { state.withLockedValue { $0.forbidden } }
        set { state.withLockedValue { $0.forbidden = newValue } }
    }

    /// Answers a path with a status, whatever the token; nil never answers.
    func answer(_ path: String, with status: Int?) { state.withLockedValue { $0.faults[path] = .some(status) } }

    func recover() { state.withLockedValue { $0.faults = [:] } }

    /// The requested paths.
    var requests: [String] { state.withLockedValue { $0.requests } }

    func count(_ path: String) -> Int { requests.count { $0 == path } }

    func client(storing token: String) throws -> FlashbackClient {
        client(StoredAccessToken(AccessTokenVariable(try AccessToken(parsing: token)), time: time.source))
    }

    func client(_ tokens: any AccessTokenSource, limit: Int = 16) -> FlashbackClient {
        let stub = StubTransport { [self] request throws(TransferError) in
            let path = String(request.url.dropFirst(APIBaseURL.simulated.description.count))
            let (isTaken, fault) = state.withLockedValue { state in
                state.requests.append(path)
                let isTaken = state.good.contains(request.bearerToken?.reveal() ?? "") && !state.forbidden.contains(path)
                return (isTaken, state.faults[path])
            }
            if latency > .zero { try? await time.sleep(for: latency) }
            if let fault {
                guard let status = fault else { throw TransferError(kind: .timedOut, message: "no answer") }
                return TransferResponse(status: .init(code: status), body: [])
            }
            return isTaken
                ? TransferResponse(status: .ok, body: Array("[]".utf8))
                : TransferResponse(status: .unauthorized, body: Array(#"{"message": "no"}"#.utf8))
        }
        return FlashbackClient(
            baseURL: .simulated, transport: TimedTransport(stub, time: time.source), tokens: tokens,
            budget: RequestBudget(limit: limit, time: time.source), time: time.source)
    }
}

/// Grants tokens that the API accepts from then on, for an hour.
final class CountedGrant: AccessTokenGrant {
    private let time: ManualTime
    private let api: SelectiveAPI
    private let latency: Duration
    private let given = NIOLockedValueBox(0)

    init(_ time: ManualTime, _ api: SelectiveAPI, latency: Duration = .zero) {
        self.time = time
        self.api = api
        self.latency = latency
    }

    var count: Int { given.withLockedValue { $0 } }

    func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken {
        if latency > .zero { try? await time.sleep(for: latency) }
        let number = given.withLockedValue { given in
            given += 1
            return given
        }
        let token = webToken(expiringAt: time.now.addingTimeInterval(3600), name: "token \(number)")
        api.accept(token)
        return try AccessToken(parsing: token)
    }
}

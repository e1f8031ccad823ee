package import Basics
internal import NIOConcurrencyHelpers

/// A token that is provided and renewed externally, in an environment variable or a file.
///
/// After the API rejects it, it is not sent again for a while, however many requests are due: the API would only reject it again
/// and might lock the account. A replaced token is used at once.
package final class StoredAccessToken: AccessTokenSource {
    private struct State {
        var refused: AccessToken?
        var backoff = Backoff(first: .seconds(30), maximum: .seconds(300))
    }

    private let store: any AccessTokenStore
    private let time: TimeSource
    private let state = NIOLockedValueBox(State())

    package init(_ store: any AccessTokenStore, time: TimeSource) {
        self.store = store
        self.time = time
    }

    package func accessToken() throws(AccessTokenError) -> AccessToken {
        let token = try store.token()
        let uptime = time.uptime
        let mayBeSent = state.withLockedValue { state in
            if state.refused == nil { return true }
            if token == state.refused { return state.backoff.isOver(at: uptime) }
            state = State()
            return true
        }
        if !mayBeSent { throw .refused }
        return token
    }

    package func replacement(for refused: AccessToken) throws(AccessTokenError) -> AccessToken {
        let token = try store.token()
        if token != refused { return token }
        let uptime = time.uptime
        state.withLockedValue { state in
            // Concurrent requests are rejected together; count them as one rejection.
            if state.refused != refused || state.backoff.isOver(at: uptime) { state.backoff.failed(at: uptime) }
            state.refused = refused
        }
        throw .refused
    }

    package var report: AccessTokenReport {
        AccessTokenReport(expiresAt: (try? store.token())?.expiresAt)
    }
}

/// Where an externally provided token is stored.
package protocol AccessTokenStore: Sendable {
    /// The current token.
    func token() throws(AccessTokenError) -> AccessToken
}

/// A token in an environment variable, which cannot change while the program runs.
package struct AccessTokenVariable: AccessTokenStore {
    private let value: AccessToken

    package init(_ token: AccessToken) {
        value = token
    }

    package func token() -> AccessToken { value }
}

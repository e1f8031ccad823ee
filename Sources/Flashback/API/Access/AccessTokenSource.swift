package import FoundationEssentials

/// Provides the API client's access token.
package protocol AccessTokenSource: Sendable {
    /// The current token.
    func accessToken() async throws(AccessTokenError) -> AccessToken

    /// A replacement for a token that the API rejects everywhere, not just for one request.
    func replacement(for refused: AccessToken) async throws(AccessTokenError) -> AccessToken

    /// The token's state for the metrics.
    var report: AccessTokenReport { get async }

    /// Waits for a renewal in progress, since interrupting it can lose the account's token, and prevents further renewals.
    /// - Parameter limit: how long to wait before the renewal is cancelled; nil for its own time limit.
    func finish(within limit: Duration?) async

    /// Undoes one ``finish(within:)``: renewals are possible again after as many calls.
    func resume() async

    /// Tries again to save a renewed token that could not be saved.
    /// - Returns: whether nothing is left to save.
    func save() async -> Bool
}

extension AccessTokenSource {
    package func finish(within limit: Duration?) async {}
    package func finish() async { await finish(within: nil) }
    package func resume() async {}
    package func save() async -> Bool { true }
}

/// The access token's state for the metrics.
package struct AccessTokenReport: Sendable, Hashable {
    /// Renewals since the program started.
    package struct Renewals: Sendable, Hashable {
        /// How many brought a new token.
        package var succeeded: Int64 = 0
        /// How many brought none.
        package var failed: Int64 = 0

        package init() {}
    }

    /// When the current token expires; nil when there is none or it does not say.
    package var expiresAt: Date?
    /// Nil for a token that this program does not renew.
    package var renewals: Renewals?
    /// Whether the current refresh token is only in memory, because its file could not be written.
    package var isUnsaved: Bool

    package init(expiresAt: Date? = nil, renewals: Renewals? = nil, isUnsaved: Bool = false) {
        self.expiresAt = expiresAt
        self.renewals = renewals
        self.isUnsaved = isUnsaved
    }
}

/// Why no access token is available: one line without any part of the token.
package struct AccessTokenError: Error, Sendable, CustomStringConvertible {
    /// The problem, without any text from the API.
    package let explanation: String
    /// The API's error text, sanitized for a log line.
    let said: String?
    /// How long the API asks us to wait; nil when it does not say.
    let retryAfter: Duration?
    /// Whether the API received the credentials and rejected them.
    let isRefusal: Bool

    package init(_ explanation: String, said: String? = nil, retryAfter: Duration? = nil, isRefusal: Bool = false) {
        self.explanation = explanation
        self.said = said
        self.retryAfter = retryAfter
        self.isRefusal = isRefusal
    }

    /// The API rejects the token on every endpoint.
    static let refused = AccessTokenError("HTTP 401: the access token was refused; provide one that has not expired")

    /// The API rejects the token for a request and accepts no other request now, so that the token may still be valid.
    static let unproven = AccessTokenError(
        "HTTP 401: either the access token or only this request was refused; the API answers no other request that would tell")

    /// The API rejected the token, and another one was available only after the time of the call had passed.
    static let renewedTooLate = AccessTokenError(
        "HTTP 401: the access token was refused; there is a new one, but too late to repeat this request")

    package var description: String {
        explanation + (said.map { " (the API says: \($0))" } ?? "")
    }
}

/// A way to get an access token from the API.
package protocol AccessTokenGrant: Sendable {
    /// Requests a token.
    /// - Parameter current: the previous token, which may have expired.
    func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken

    /// Whether it has a refresh token that could not be written to its file.
    var hasUnsavedToken: Bool { get async }

    /// Tries again to write that token.
    func saveToken() async
}

extension AccessTokenGrant {
    package var hasUnsavedToken: Bool { false }
    package func saveToken() {}
}

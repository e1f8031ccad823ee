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

    /// Retries to save a renewed token that could not be saved.
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
        /// How many returned a new token.
        package var succeeded: Int64 = 0
        /// How many failed.
        package var failed: Int64 = 0

        package init() {}
    }

    /// When the current token expires; nil without a token, or when its expiry is unknown.
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
    /// How long the API asks us to wait; nil when it gives no time.
    let retryAfter: Duration?
    /// The status of the API's answer to the credentials, if it is not 2xx.
    let status: Int?

    package init(_ explanation: String, said: String? = nil, retryAfter: Duration? = nil, status: Int? = nil) {
        self.explanation = explanation
        self.said = said
        self.retryAfter = retryAfter
        self.status = status
    }

    /// Whether the API received the credentials and rejected them.
    var isRefusal: Bool { status.map([400, 401, 403].contains) ?? false }

    /// The API rejects the token on every endpoint.
    static let refused = AccessTokenError("HTTP 401: the access token was refused; provide one that has not expired")

    /// The API rejects the token for a request and accepts no other request now, so that the token may still be valid.
    static let unproven = AccessTokenError(
        "HTTP 401: the API rejected the access token or only this request, and no other request succeeds to show which")

    /// The API rejected the token, and the next token was available only after the call's time limit.
    static let renewedTooLate = AccessTokenError(
        "HTTP 401: the access token was refused; its replacement came too late to repeat this request")

    package var description: String {
        explanation + (said.map { " (the API says: \($0))" } ?? "")
    }
}

/// A way to get an access token from the API.
package protocol AccessTokenGrant: Sendable {
    /// Requests a token.
    /// - Parameter current: the previous token, which may have expired.
    func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken

    /// Whether a refresh token could not be written to its file.
    var hasUnsavedToken: Bool { get async }

    /// Retries to write that token.
    func saveToken() async
}

extension AccessTokenGrant {
    package var hasUnsavedToken: Bool { false }
    package func saveToken() {}
}

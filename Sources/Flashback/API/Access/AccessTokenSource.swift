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
    func finish() async
}

extension AccessTokenSource {
    package func finish() async {}
}

/// The access token's state for the metrics.
package struct AccessTokenReport: Sendable, Hashable {
    /// Renewals since the program started.
    package struct Renewals: Sendable, Hashable {
        package var succeeded: Int64 = 0
        package var failed: Int64 = 0

        package init() {}
    }

    /// When the current token expires; nil when there is none or it does not say.
    package var expiresAt: Date?
    /// Nil for a token that this program does not renew.
    package var renewals: Renewals?

    package init(expiresAt: Date? = nil, renewals: Renewals? = nil) {
        self.expiresAt = expiresAt
        self.renewals = renewals
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

    package init(_ explanation: String, said: String? = nil, retryAfter: Duration? = nil) {
        self.explanation = explanation
        self.said = said
        self.retryAfter = retryAfter
    }

    /// The API rejects the token on every endpoint.
    static let refused = AccessTokenError("HTTP 401: the access token was refused; provide one that has not expired")

    package var description: String {
        explanation + (said.map { " (the API says: \($0))" } ?? "")
    }
}

/// A way to get an access token from the API.
package protocol AccessTokenGrant: Sendable {
    /// Requests a token.
    /// - Parameter current: the previous token, which may have expired.
    func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken
}

package import FoundationEssentials

/// Where the API's client has its access token from.
package protocol AccessTokenSource: Sendable {
    /// The token to use now.
    func accessToken() async throws(AccessTokenError) -> AccessToken

    /// A token to use instead of one that the API refuses: not for one request alone, but wherever it is sent.
    func replacement(for refused: AccessToken) async throws(AccessTokenError) -> AccessToken

    /// What is to be told of the token.
    var report: AccessTokenReport { get async }

    /// Waits for a renewal under way, as one that is broken off may leave the account without a token, and begins no other.
    func finish() async
}

extension AccessTokenSource {
    package func finish() async {}
}

/// What the metrics tell of the access token.
package struct AccessTokenReport: Sendable, Hashable {
    /// How renewals went since the program started.
    package struct Renewals: Sendable, Hashable {
        package var succeeded: Int64 = 0
        package var failed: Int64 = 0

        package init() {}
    }

    /// When the token in use expires; nil when there is none or it does not say.
    package var expiresAt: Date?
    /// Nil for a token that is not renewed by this program.
    package var renewals: Renewals?

    package init(expiresAt: Date? = nil, renewals: Renewals? = nil) {
        self.expiresAt = expiresAt
        self.renewals = renewals
    }
}

/// Why there is no access token: one line, with nothing of the token in it.
package struct AccessTokenError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, in words of this program only.
    package let explanation: String
    /// The API's words, made fit for a log line.
    let said: String?
    /// How long the API wants to be left alone; nil when it does not say.
    let retryAfter: Duration?

    package init(_ explanation: String, said: String? = nil, retryAfter: Duration? = nil) {
        self.explanation = explanation
        self.said = said
        self.retryAfter = retryAfter
    }

    /// The API takes the token nowhere.
    static let refused = AccessTokenError("HTTP 401: the access token was refused; provide one that has not expired")

    package var description: String {
        explanation + (said.map { " (the API says: \($0))" } ?? "")
    }
}

/// A way to get an access token from the API.
package protocol AccessTokenGrant: Sendable {
    /// Asks for a token.
    /// - Parameter current: the token so far, which may have expired.
    func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken
}

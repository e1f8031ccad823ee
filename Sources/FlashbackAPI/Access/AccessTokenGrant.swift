/// A way to get an access token from the API.
package protocol AccessTokenGrant: Sendable {
    /// Asks for a token.
    /// - Parameter current: the token so far, which may have expired.
    func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken
}

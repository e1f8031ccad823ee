internal import CurlTransport
internal import FoundationEssentials

/// What an answer with a 2xx status to `POST /user/login` or `POST /user/refresh` gives out. Each of the two may be missing.
struct GrantedTokens: Sendable {
    /// The token to renew with from now on; nil when the answer holds none.
    let refreshToken: String?
    /// The token to use, or why there is none.
    let access: Result<AccessToken, AccessTokenError>
}

/// The fields of such an answer.
struct GrantFields {
    let success: Bool?
    /// The field `accessToken`, in the client's types also `token`.
    let accessToken: String?
    let refreshToken: String?
    /// When the access token expires, where the answer says so.
    let expiresAt: Date?

    /// Fails when the body is no JSON object.
    init?(body: [UInt8]) {
        guard var fields = RowFields(body: body) else { return nil }
        success = fields.boolean(.success)
        accessToken = fields.string(.accessToken, .token, .access_token)
        // One spelling that cannot be read must not hide the other.
        refreshToken = [fields.string(.refreshToken), fields.string(.refresh_token)].lazy.compactMap { $0 }.first { !$0.isEmpty }
        expiresAt = fields.number(.expiresAt).flatMap(Self.date)
    }

    /// The secrets in it.
    var secrets: [Secret] { [accessToken, refreshToken].compactMap { $0.map { Secret($0) } } }

    /// The unit of `expiresAt` is not documented; it can only be told from the size.
    private static func date(_ number: Double) -> Date? {
        AccessToken.expiry(number < 1e11 ? number : number / 1000)
    }
}

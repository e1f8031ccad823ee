internal import FoundationEssentials

/// What `POST /user/login` and `POST /user/refresh` answer with.
struct GrantedTokens: Sendable {
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
        refreshToken = fields.string(.refreshToken, .refresh_token)
        expiresAt = fields.number(.expiresAt).map(Self.date)
    }

    /// The unit of `expiresAt` is not documented; it can only be told from the size.
    private static func date(_ number: Double) -> Date {
        Date(timeIntervalSince1970: number < 1e11 ? number : number / 1000)
    }
}

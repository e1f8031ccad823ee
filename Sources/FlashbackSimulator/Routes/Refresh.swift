internal import HTTPTypes

/// POST /user/refresh: documented with `refreshToken`, sent by the client with `refresh_token`; either is taken.
enum Refresh {
    private struct Body: Decodable {
        let refreshToken: String?
        let refresh_token: String?

        var token: String? { refreshToken ?? refresh_token }
    }

    static func answer(_ call: Call, _ state: inout SimulationState) -> Answer {
        let configuration = state.configuration
        if configuration.refreshNeedsAccessToken, call.token == nil {
            return .failure(.unauthorized, code: "NO_AUTH_USER", "Unauthorized")
        }
        guard let token = call.body(as: Body.self)?.token else {
            return .failure(.badRequest, code: "INVALID_BODY", "refreshToken is required")
        }
        guard state.tokens.acceptsRefreshToken(token, at: call.now) else {
            return .failure(.unauthorized, code: "INVALID_REFRESH_TOKEN", "Invalid refresh token")
        }
        if configuration.rotatesRefreshTokens { state.tokens.revokeRefreshToken(token) }
        let tokens = state.tokens.issue(at: call.now, configuration, withRefreshToken: configuration.rotatesRefreshTokens)
        return .ok(.object([.init("success", true)] + tokens.members(configuration.spelling)))
    }
}

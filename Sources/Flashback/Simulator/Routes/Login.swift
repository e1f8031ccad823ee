internal import HTTPTypes

/// POST /user/login
enum Login {
    private struct Body: Decodable {
        let email: String
        let password: String
    }

    static func answer(_ call: IncomingRequest, _ state: inout SimulationState) -> Answer {
        guard let body = call.body(as: Body.self) else {
            return .failure(.badRequest, code: "INVALID_BODY", "email and password are required")
        }
        let configuration = state.configuration
        guard body.email == configuration.email, body.password == configuration.password else {
            return .failure(.unauthorized, code: "INVALID_CREDENTIALS", "Invalid email or password")
        }
        let tokens = state.tokens.issue(at: call.now, configuration)
        let user = JSONValue.object([
            .init("id", .string(Account.userID)), .init("email", .string(configuration.email)),
            .init("name", .string(Account.name)), .init("orgId", .string(Account.organizationID)),
        ])
        return .ok(
            .object(
                [.init("success", true)] + tokens.members(configuration.dialect)
                    + [.init("tokenId", .string(tokens.tokenID)), .init("user", user)]))
    }
}

extension Tokens.Issued {
    /// The members common to the responses of login and refresh.
    func members(_ dialect: APIDialect) -> [JSONValue.Member] {
        let expiry = dialect.expiryUnit == .seconds ? expiresAt.seconds : expiresAt.milliseconds
        var members = [JSONValue.Member(dialect.accessTokenName.rawValue, .string(accessToken))]
        if let refreshToken { members.append(.init(dialect.refreshTokenName.rawValue, .string(refreshToken))) }
        members.append(.init("expiresAt", .integer(expiry)))
        return members
    }
}

/// POST /user/refresh: documented with `refreshToken`, sent by the client as `refresh_token`; both are accepted.
enum Refresh {
    private struct Body: Decodable {
        let refreshToken: String?
        let refresh_token: String?

        var token: String? { refreshToken ?? refresh_token }
    }

    static func answer(_ call: IncomingRequest, _ state: inout SimulationState) -> Answer {
        let configuration = state.configuration
        let isAuthorized =
            call.token == nil
            ? !configuration.refreshNeedsAccessToken
            : !configuration.refreshChecksAccessToken || Access.of(call.token, state, at: call.now) != nil
        guard isAuthorized else { return .failure(.unauthorized, code: "NO_AUTH_USER", "Unauthorized") }
        guard let token = call.body(as: Body.self)?.token else {
            return .failure(.badRequest, code: "INVALID_BODY", "refreshToken is required")
        }
        guard state.tokens.acceptsRefreshToken(token, at: call.now) else {
            return .failure(.unauthorized, code: "INVALID_REFRESH_TOKEN", "Invalid refresh token")
        }
        if configuration.rotatesRefreshTokens { state.tokens.revokeRefreshToken(token) }
        let tokens = state.tokens.issue(at: call.now, configuration, withRefreshToken: configuration.rotatesRefreshTokens)
        return .ok(.object([.init("success", true)] + tokens.members(configuration.dialect)))
    }
}

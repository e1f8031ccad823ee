internal import FoundationEssentials
internal import HTTPTypes

/// The tokens that have been issued and are valid.
///
/// An access token has the form of a JSON Web Token, so that clients can read its `exp` claim; its signature is random and not
/// verified: a token is valid if it is listed here. Tokens are the only thing not determined by the seed.
struct Tokens: Sendable {
    /// The tokens issued by POST /user/login and /user/refresh.
    struct Issued: Sendable {
        let accessToken: String
        /// Nil when the old refresh token stays valid.
        let refreshToken: String?
        let tokenID: String
        let expiresAt: Timestamp
    }

    private var accessExpiries: [String: Timestamp] = [:]
    private var refreshExpiries: [String: Timestamp] = [:]
    private var issued = 0

    mutating func issue(at now: Timestamp, _ configuration: SimulatorConfiguration, withRefreshToken: Bool = true) -> Issued {
        accessExpiries = accessExpiries.filter { now < $0.value }
        refreshExpiries = refreshExpiries.filter { now < $0.value }
        issued += 1
        let expiresAt = now + configuration.accessTokenLifetime
        let access = Self.webToken(issuedAt: now, expiresAt: expiresAt, email: configuration.email)
        accessExpiries[access] = expiresAt
        var refresh: String?
        if withRefreshToken {
            let token = Self.randomText(bytes: 32)
            refreshExpiries[token] = now + configuration.refreshTokenLifetime
            refresh = token
        }
        return Issued(accessToken: access, refreshToken: refresh, tokenID: "token-\(issued)", expiresAt: expiresAt)
    }

    /// Whether a refresh token is valid.
    func acceptsRefreshToken(_ token: String, at now: Timestamp) -> Bool {
        refreshExpiries[token].map { now < $0 } ?? false
    }

    /// Whether an access token was issued and has not expired.
    func acceptsAccessToken(_ token: String, at now: Timestamp) -> Bool {
        accessExpiries[token].map { now < $0 } ?? false
    }

    mutating func revokeRefreshToken(_ token: String) {
        refreshExpiries[token] = nil
    }

    /// Revokes every token, so that all users must log in again.
    mutating func revokeAll() {
        accessExpiries = [:]
        refreshExpiries = [:]
    }

    mutating func revokeAccessTokens() {
        accessExpiries = [:]
    }

    private static func webToken(issuedAt: Timestamp, expiresAt: Timestamp, email: String) -> String {
        let header = JSONValue.object([.init("alg", "HS256"), .init("typ", "JWT")])
        let claims = JSONValue.object([
            .init("userId", .string(Account.userID)), .init("email", .string(email)),
            .init("orgId", .string(Account.organizationID)),
            .init("type", "access"), .init("iat", .integer(issuedAt.seconds)), .init("exp", .integer(expiresAt.seconds)),
        ])
        return [base64URL(header.bytes), base64URL(claims.bytes), randomText(bytes: 32)].joined(separator: ".")
    }

    private static func randomText(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return base64URL((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        let text = Data(bytes).base64EncodedString()
        return String(
            text.compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}

/// The user who logs in.
enum Account {
    static let userID = "user-1"
    static let organizationID = "organization-1"
    static let name = "Simulated Operator"
}

extension Timestamp {
    static func + (time: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(milliseconds: time.milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

/// The access rights of a token's user.
struct Access {
    /// Nil for a user with global access.
    let workspaces: Set<String>?

    /// Nil for a token that is missing, unknown or expired.
    static func of(_ token: String?, _ state: borrowing SimulationState, at now: Timestamp) -> Access? {
        guard let token else { return nil }
        if token == state.configuration.staticToken { return Access(workspaces: nil) }
        if let workspaces = state.configuration.restrictedTokens[token] { return Access(workspaces: workspaces) }
        return state.tokens.acceptsAccessToken(token, at: now) ? Access(workspaces: nil) : nil
    }
}

/// The token of an `Authorization: Bearer` field (RFC 6750 section 2.1).
enum BearerToken {
    static func read(_ fields: HTTPFields) -> String? {
        guard let value = fields[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}

internal import HTTPTypes

/// What the user of an access token may see.
struct Access {
    /// Nil for a user with global access.
    let workspaces: Set<String>?

    /// Nil for a token that is missing, unknown or has run out.
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

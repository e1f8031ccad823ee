internal import Basics
internal import FlashbackAPI
internal import Logging

/// Where the access token comes from.
enum Credentials: Sendable, Hashable {
    /// A fixed token.
    case token(AccessToken)
    /// A file with a token that is renewed externally.
    case tokenFile(path: String)
    /// A file with a refresh token, which is kept up to date.
    case refreshTokenFile(path: String)
    case password(email: String, passwordFile: String)

    /// The flag that sets them, for messages.
    var flag: String {
        switch self {
        case .token: FlashbackOptions.tokenVariable
        case .tokenFile: "--flashback.token-file"
        case .refreshTokenFile: "--flashback.refresh-token-file"
        case .password: "--flashback.password-file"
        }
    }

    /// Whether two users renewing with these credentials would invalidate each other's token, whatever the files' names.
    func shareRenewals(with other: Credentials) -> Bool {
        if case .refreshTokenFile(let path) = self, case .refreshTokenFile(let theirs) = other {
            return SecretFile(path: path).sharesToken(with: SecretFile(path: theirs))
        }
        return self == other
    }

    /// A source of access tokens for these credentials.
    /// - Throws: ``AccessTokenError`` when a file is unreadable or empty.
    func tokens(client: AuthenticationClient, time: TimeSource, logger: Logger) throws(AccessTokenError) -> any AccessTokenSource
    {
        switch self {
        case .token(let token):
            StoredAccessToken(AccessTokenVariable(token), time: time)
        case .tokenFile(let path):
            StoredAccessToken(try AccessTokenFile(path: path), time: time)
        case .refreshTokenFile(let path):
            RenewedAccessToken(try RefreshTokenGrant(path: path, client: client, logger: logger), time: time, logger: logger)
        case .password(let email, let file):
            RenewedAccessToken(
                try PasswordGrant(email: email, passwordPath: file, client: client), time: time, logger: logger)
        }
    }
}

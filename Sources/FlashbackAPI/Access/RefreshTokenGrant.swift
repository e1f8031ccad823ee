internal import CurlTransport
package import Logging

/// Gets access tokens with a refresh token that is kept in a file.
///
/// The API may give out a new refresh token with each access token and refuse the old one from then on. The new one is in the file
/// before anything is done with the access token: whenever the program stops, the file holds a token that works.
package actor RefreshTokenGrant: AccessTokenGrant {
    private let file: SecretFile
    private let client: AuthenticationClient
    private let logger: Logger
    /// A token that could not be written to the file, and the file's version that it is to replace.
    private var unwritten: (token: String, version: SecretFile.Version?)?

    /// - Throws: ``AccessTokenError`` when the file cannot be read or is empty.
    package init(path: String, client: AuthenticationClient, logger: Logger) throws(AccessTokenError) {
        file = SecretFile(path: path)
        self.client = client
        self.logger = logger
        _ = try Self.token(in: file)
    }

    package func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken {
        let refreshToken = try currentRefreshToken()
        let granted = try await client.refresh(Secret(refreshToken), bearer: current)
        if let rotated = granted.refreshToken, !rotated.isEmpty, rotated != refreshToken { keep(rotated) }
        return try AccessToken(granted)
    }

    private func currentRefreshToken() throws(AccessTokenError) -> String {
        if let unwritten, unwritten.version == file.version { return unwritten.token }
        return try Self.token(in: file)
    }

    private func keep(_ token: String) {
        do throws(AccessTokenError) {
            try file.replace(with: token + "\n")
            unwritten = nil
        } catch {
            // It goes on working from memory, but not after a restart.
            unwritten = (token, file.version)
            logger.error("the new refresh token could not be kept; a restart will need another", metadata: ["err": "\(error)"])
        }
    }

    private static func token(in file: SecretFile) throws(AccessTokenError) -> String {
        let text = try file.read()
        guard let token = text.split(whereSeparator: \.isWhitespace).first else {
            throw AccessTokenError("the file \(file.path) is empty; it must hold a refresh token")
        }
        return String(token)
    }
}

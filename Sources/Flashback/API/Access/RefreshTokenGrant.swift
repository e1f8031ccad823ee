internal import Basics
internal import HTTPClient
package import Logging

/// Obtains access tokens with a refresh token from a file.
///
/// The API may return a new refresh token with each access token and then reject the old one. The new token is written to the
/// file before the rest of the response is processed, so the file holds a valid token whenever the program stops.
package actor RefreshTokenGrant: AccessTokenGrant {
    /// A refresh token, and the file's content when it was chosen. If the file has changed since, an operator changed it, and the
    /// file's token takes precedence.
    private struct Held {
        let token: String
        let inFile: String?
    }

    private let file: SecretFile
    private let client: AuthenticationClient
    private let logger: Logger
    /// A token that could not be written to the file.
    private var unwritten: Held?

    /// - Throws: ``AccessTokenError`` when the file cannot be read, is empty, or is not replaceable by this user, in which case
    ///   the first renewal would lose access to the account.
    package init(path: String, client: AuthenticationClient, logger: Logger) throws(AccessTokenError) {
        file = SecretFile(path: path)
        self.client = client
        self.logger = logger
        _ = try Self.token(in: file)
        if let warning = try file.rehearseReplacement() {
            logger.warning("a new refresh token could not be saved now", metadata: ["err": "\(warning)"])
        }
    }

    package func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken {
        let held = try heldToken()
        let granted = try await client.refresh(Secret(held.token), bearer: current)
        if let rotated = granted.refreshToken, rotated != held.token { keep(rotated, after: held) }
        return try granted.access.get()
    }

    private func heldToken() throws(AccessTokenError) -> Held {
        if let unwritten, unwritten.inFile == (try? Self.token(in: file)) { return unwritten }
        let token = try Self.token(in: file)
        return Held(token: token, inFile: token)
    }

    private func keep(_ token: String, after held: Held) {
        let inFile = try? Self.token(in: file)
        unwritten = nil
        guard SecretFile.isToken(token) else {
            logger.error("the new refresh token is malformed; keeping the old one", metadata: ["file": "\(file.path)"])
            return
        }
        // A file that an operator is writing may be empty for a moment; a missing file is created again.
        guard inFile == held.inFile || file.version == nil else {
            logger.warning("the refresh token file changed during a renewal; using its new content")
            // Until the operator has finished writing, keep the token in memory.
            if inFile == nil { unwritten = Held(token: token, inFile: nil) }
            return
        }
        do throws(AccessTokenError) {
            try file.replace(with: token + "\n")
        } catch {
            // The token keeps working from memory, but not after a restart.
            unwritten = Held(token: token, inFile: inFile)
            logger.error("the new refresh token could not be saved; a restart will need another", metadata: ["err": "\(error)"])
        }
    }

    private static func token(in file: SecretFile) throws(AccessTokenError) -> String {
        guard let token = try file.firstWord() else {
            throw AccessTokenError("the file \(file.path) is empty; it must contain a refresh token")
        }
        return token
    }
}

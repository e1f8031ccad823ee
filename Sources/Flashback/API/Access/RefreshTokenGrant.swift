internal import Basics
internal import HTTPClient
package import Logging

/// Obtains access tokens with a refresh token from a file.
///
/// The API may return a new refresh token with each access token and then reject the old one. The new token is written to disk before the
/// rest of the response is processed, so a valid token is on disk whenever the program stops: in the file or, if the program was killed
/// while it replaced the file, in the new file beside it, where the next run finds it.
package actor RefreshTokenGrant: AccessTokenGrant {
    /// A refresh token, and the file's content when the token was chosen. If the file has changed since, an operator changed it, and the
    /// file's token takes precedence.
    private struct Held {
        let token: String
        let inFile: String?
        /// Whether an earlier run left it because it was killed while replacing the file.
        var isLeftover = false
    }

    private let file: SecretFile
    private let client: AuthenticationClient
    private let logger: Logger
    /// A token that could not be written to the file.
    private var unwritten: Held?
    private var isRenewing = false
    /// The result of the latest renewal, in case the file is deleted.
    private var latest: String?

    /// - Throws: ``AccessTokenError`` when the file cannot be read, is empty, or cannot be replaced by this user, so that the first renewal
    ///   would lose access to the account.
    package init(path: String, client: AuthenticationClient, logger: Logger) throws(AccessTokenError) {
        file = SecretFile(path: path)
        self.client = client
        self.logger = logger
        _ = try Self.token(in: file)
        if let warning = try file.rehearseReplacement() {
            logger.warning("a new refresh token could not be saved at present", metadata: ["err": "\(warning)"])
        }
    }

    package func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken {
        isRenewing = true
        defer { isRenewing = false }
        let held = try heldToken()
        let granted: GrantedTokens
        do throws(AccessTokenError) {
            granted = try await client.refresh(Secret(held.token), bearer: current)
        } catch {
            guard held.isLeftover, error.isRefusal else { throw error }
            logger.warning(
                "the API refused the token left by an interrupted run; using the token in the file",
                metadata: ["file": "\(file.path)"])
            file.discardInterruptedReplacement()
            return try await token(after: current)
        }
        let valid = granted.refreshToken ?? held.token
        latest = SecretFile.isToken(valid) ? valid : held.token
        if valid != held.token || held.isLeftover || held.inFile == nil { keep(valid, after: held) }
        if held.isLeftover { logger.info("recovered the refresh token from an interrupted run") }
        return try granted.access.get()
    }

    package var hasUnsavedToken: Bool { unwritten != nil }

    package func saveToken() {
        // A renewal in progress saves its own result, and would treat other content of the file as an operator's change.
        guard let unwritten, !isRenewing else { return }
        if file.version != nil {
            // The file is empty while an operator is writing it.
            guard let inFile = try? Self.token(in: file) else { return }
            guard inFile == unwritten.inFile else { return self.unwritten = nil }
        }
        guard (try? file.replace(with: unwritten.token + "\n")) != nil else { return }
        self.unwritten = nil
        logger.info("saved the new refresh token", metadata: ["file": "\(file.path)"])
    }

    private func heldToken() throws(AccessTokenError) -> Held {
        if let unwritten, unwritten.inFile == (try? Self.token(in: file)) { return unwritten }
        // For example, the directory is not mounted. An operator who wants to use another token provides the file.
        if let latest, file.version == nil { return Held(token: latest, inFile: nil) }
        let token = try Self.token(in: file)
        if let left = file.interruptedReplacement(), left != token { return Held(token: left, inFile: token, isLeftover: true) }
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
            // Keep the token in memory until the operator has finished writing.
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

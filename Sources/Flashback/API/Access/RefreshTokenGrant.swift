internal import Basics
internal import HTTPClient
package import Logging

/// Gets access tokens with a refresh token that is kept in a file.
///
/// The API may give out a new refresh token with each access token and refuse the old one from then on. The new one is in the file
/// before anything else of the answer is looked at: whenever the program stops, the file holds a token that works.
package actor RefreshTokenGrant: AccessTokenGrant {
    /// A token to renew with, and what the file held when it was chosen: another one since then is an operator's, and goes before ours.
    private struct Held {
        let token: String
        let inFile: String?
    }

    private let file: SecretFile
    private let client: AuthenticationClient
    private let logger: Logger
    /// A token that could not be written to the file.
    private var unwritten: Held?

    /// - Throws: ``AccessTokenError`` when the file cannot be read, is empty, or could not be replaced by this user: the first renewal
    ///   would lose the account's access.
    package init(path: String, client: AuthenticationClient, logger: Logger) throws(AccessTokenError) {
        file = SecretFile(path: path)
        self.client = client
        self.logger = logger
        _ = try Self.token(in: file)
        if let warning = try file.rehearseReplacement() {
            logger.warning("a new refresh token could not be kept now", metadata: ["err": "\(warning)"])
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
            logger.error("the new refresh token cannot be read; keeping the old one", metadata: ["file": "\(file.path)"])
            return
        }
        // A file that an operator is writing may be empty for a moment; one that is gone is written anew.
        guard inFile == held.inFile || file.version == nil else {
            logger.warning("the refresh token's file was changed during a renewal; using what it holds now")
            // Until the operator has finished writing, the token goes on from memory.
            if inFile == nil { unwritten = Held(token: token, inFile: nil) }
            return
        }
        do throws(AccessTokenError) {
            try file.replace(with: token + "\n")
        } catch {
            // It goes on working from memory, but not after a restart.
            unwritten = Held(token: token, inFile: inFile)
            logger.error("the new refresh token could not be kept; a restart will need another", metadata: ["err": "\(error)"])
        }
    }

    private static func token(in file: SecretFile) throws(AccessTokenError) -> String {
        guard let token = try file.firstWord() else {
            throw AccessTokenError("the file \(file.path) is empty; it must hold a refresh token")
        }
        return token
    }
}

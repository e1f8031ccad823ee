internal import Basics
internal import NIOConcurrencyHelpers

/// A token in a file, which is read again when it changes: to renew the token, replace the file.
package final class AccessTokenFile: AccessTokenStore {
    private struct State {
        var token: AccessToken
        var version: FileVersion?
    }

    private let file: SecretFile
    private let state: NIOLockedValueBox<State>

    /// Reads the file for the first time.
    /// - Throws: ``AccessTokenError`` when the file cannot be read or holds no token.
    package init(path: String) throws(AccessTokenError) {
        file = SecretFile(path: path)
        let version = file.version
        state = NIOLockedValueBox(State(token: try Self.read(file), version: version))
    }

    /// The file's current token. An unreadable file is an error, because the token it held may have been revoked.
    package func token() throws(AccessTokenError) -> AccessToken {
        let version = file.version
        let known = state.withLockedValue { $0 }
        if let version, version == known.version { return known.token }
        let token = try Self.read(file)
        state.withLockedValue { $0 = State(token: token, version: version) }
        return token
    }

    private static func read(_ file: SecretFile) throws(AccessTokenError) -> AccessToken {
        let text = try file.read()
        do {
            return try AccessToken(parsing: text)
        } catch {
            throw AccessTokenError("the file \(file.path) cannot be used: \(error)")
        }
    }
}

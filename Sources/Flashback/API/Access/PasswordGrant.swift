internal import Basics
internal import HTTPClient

/// Obtains access tokens by logging in with an e-mail address and a password from a file.
package struct PasswordGrant: AccessTokenGrant {
    private let email: String
    private let passwordFile: SecretFile
    private let client: AuthenticationClient

    /// - Throws: ``AccessTokenError`` when the file cannot be read or is empty.
    package init(email: String, passwordPath: String, client: AuthenticationClient) throws(AccessTokenError) {
        self.email = email
        passwordFile = SecretFile(path: passwordPath)
        self.client = client
        _ = try password()
    }

    package func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken {
        try await client.login(email: email, password: try password()).access.get()
    }

    /// The file's first line, without the line feed that editors append.
    private func password() throws(AccessTokenError) -> Secret {
        let text = try passwordFile.read()
        guard let line = text.split(whereSeparator: \.isNewline).first else {
            throw AccessTokenError("the file \(passwordFile.path) is empty; it must contain the password")
        }
        return Secret(String(line))
    }
}

package import Basics
package import FoundationEssentials
internal import HTTPClient

/// An API access token, sent as `Authorization: Bearer`.
package struct AccessToken: Sendable, Hashable {
    package let secret: Secret
    /// When the token expires, in the years 1970 to 9999; nil when unknown.
    package let expiresAt: Date?

    /// Parses the text of a token file or variable, ignoring surrounding white space.
    /// - Throws: ``AccessTokenError``.
    package init(parsing text: String) throws(AccessTokenError) {
        let token = String(text.trimming { $0.isWhitespace })
        if token.isEmpty { throw AccessTokenError("the access token is empty") }
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AccessTokenError("the access token contains invalid characters, such as spaces or line breaks")
        }
        secret = Secret(token)
        expiresAt = Self.expiry(ofJSONWebToken: token)
    }

    /// Parses a token granted by the API. The token's own `exp` claim takes precedence over the response's expiry.
    init(parsing text: String, orExpiringAt expiresAt: Date?) throws(AccessTokenError) {
        let token = try AccessToken(parsing: text)
        self.init(secret: token.secret, expiresAt: token.expiresAt ?? expiresAt)
    }

    private init(secret: Secret, expiresAt: Date?) {
        self.secret = secret
        self.expiresAt = expiresAt
    }

    /// The `exp` claim of a JSON Web Token (RFC 7519 section 4.1.4). The signature is not verified; that is the API's task.
    private static func expiry(ofJSONWebToken token: String) -> Date? {
        struct Claims: Decodable {
            let exp: Double?
        }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        // Base64url without padding (RFC 7515 section 2).
        var encoded = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        encoded += String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
        guard let payload = Data(base64Encoded: String(encoded)),
            let seconds = (try? JSONDecoder().decode(Claims.self, from: payload))?.exp
        else { return nil }
        return expiry(seconds)
    }

    /// A time in seconds since 1970-01-01 UTC; nil outside the years 1970 to 9999. A value outside that range is a mistake and
    /// would overflow later arithmetic.
    static func expiry(_ seconds: Double) -> Date? {
        (0..<253_402_300_800).contains(seconds) ? Date(timeIntervalSince1970: seconds) : nil
    }
}

extension StringProtocol {
    /// The text without the characters at both ends that satisfy the predicate.
    fileprivate func trimming(while predicate: (Character) -> Bool) -> SubSequence {
        let start = self.drop(while: predicate)
        guard let end = start.lastIndex(where: { !predicate($0) }) else { return start[start.startIndex..<start.startIndex] }
        return start[...end]
    }
}

/// Why a transfer brought no response, or why a transport could not be made.
package struct TransferError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The awaiting task was cancelled.
        case cancelled
        /// The transport was shut down before the transfer was done.
        case shutDown
        /// The URL is not an absolute `http` or `https` one, or not percent-encoded.
        case invalidURL
        /// Something else in the request cannot be sent, such as a line break in a token.
        case invalidRequest
        case nameNotResolved
        /// Refused, unreachable, or the like.
        case connectionFailed
        /// No connection within the configuration's `connectTimeout`.
        case connectTimedOut
        /// No complete response within the request's time.
        case timedOut
        /// The TLS handshake failed for another reason than the certificate.
        case tlsFailed
        /// The server's certificate is not trusted, has expired or is for another host.
        case certificateRejected
        /// The body, decompressed, is longer than `limit` bytes, alone or with those of the other transfers, or the header fields are
        /// out of all proportion.
        case responseTooLarge(limit: Int)
        case tooManyRedirects
        /// A redirect leads from HTTPS to HTTP, or to an address that is not one of HTTP.
        case redirectRefused
        /// The connection ended before the response was complete.
        case connectionBroken
        /// What came back is not HTTP, or its compression is damaged.
        case invalidResponse
        /// The proxy of the environment could not be reached or refused the connection.
        case proxyFailed
        /// The transport's own configuration is wrong, such as a CA file that cannot be read.
        case configuration
        /// Another `CURLcode`.
        case other(code: Int)

        /// A short word that stays the same from version to version, fit for a metric label.
        package var word: String {
            switch self {
            case .cancelled: "cancelled"
            case .shutDown: "shut_down"
            case .invalidURL: "invalid_url"
            case .invalidRequest: "invalid_request"
            case .nameNotResolved: "name_not_resolved"
            case .connectionFailed: "connection_failed"
            case .connectTimedOut: "connect_timeout"
            case .timedOut: "timeout"
            case .tlsFailed: "tls_error"
            case .certificateRejected: "certificate_error"
            case .responseTooLarge: "response_too_large"
            case .tooManyRedirects: "too_many_redirects"
            case .redirectRefused: "redirect_refused"
            case .connectionBroken: "connection_broken"
            case .invalidResponse: "invalid_response"
            case .proxyFailed: "proxy_error"
            case .configuration: "configuration_error"
            case .other: "other"
            }
        }
    }

    package let kind: Kind
    /// One line for people: which host, what is wrong and, where it helps, what to do.
    package let message: String

    package init(kind: Kind, message: String) {
        self.kind = kind
        // Some of it may come from elsewhere, and must not break the line.
        self.message = String(
            String.UnicodeScalarView(message.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    package var description: String { message }
}

/// Why a transfer failed or a transport could not be created.
package struct TransferError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The awaiting task was cancelled.
        case cancelled
        /// The transport was shut down before the transfer completed.
        case shutDown
        /// The URL is not an absolute `http` or `https` URL, or is not percent-encoded.
        case invalidURL
        /// Another part of the request is invalid, such as a token with a line break.
        case invalidRequest
        case nameNotResolved
        /// The connection was refused, the host is unreachable, or similar.
        case connectionFailed
        /// No connection within the configuration's `connectTimeout`.
        case connectTimedOut
        /// No complete response within the request's time-out.
        case timedOut
        /// The TLS handshake failed for a reason other than the certificate.
        case tlsFailed
        /// The server's certificate is not trusted, has expired or is for another host.
        case certificateRejected
        /// The decompressed body is longer than `limit` bytes, alone or together with other transfers' bodies, or the header
        /// fields are excessively long.
        case responseTooLarge(limit: Int)
        case tooManyRedirects
        /// A redirect leads from HTTPS to HTTP, or to a URL that is not HTTP.
        case redirectRefused
        /// The connection ended before the response was complete.
        case connectionBroken
        /// The response is not HTTP, or its compression is corrupt.
        case invalidResponse
        /// The proxy from the environment could not be reached or refused the connection.
        case proxyFailed
        /// The transport's configuration is invalid, for example an unreadable CA file.
        case configuration
        /// Another `CURLcode`.
        case other(code: Int)

        /// A short word that is stable across versions, for use as a metric label.
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

    /// The maximum length of a message, in Unicode scalars.
    private static let maximumMessageLength = 500

    package let kind: Kind
    /// One line: the host, what is wrong and, where it helps, what to do. At most 500 Unicode scalars and an ellipsis.
    package let message: String

    package init(kind: Kind, message: String) {
        self.kind = kind
        // Some of the text may come from the server: it may be long and contain line breaks.
        let rest = message.unicodeScalars.dropFirst(Self.maximumMessageLength)
        var line = String.UnicodeScalarView()
        for scalar in message.unicodeScalars[..<rest.startIndex] {
            line.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        self.message = String(line) + (rest.isEmpty ? "" : "…")
    }

    package var description: String { message }
}

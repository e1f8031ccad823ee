internal import CLibcurl

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

extension TransferError {
    static func cancelled(_ request: PreparedRequest) -> TransferError {
        TransferError(kind: .cancelled, message: "the request to \(Authority(of: request.url)) was cancelled")
    }

    static func shutDown(_ request: PreparedRequest) -> TransferError {
        TransferError(kind: .shutDown, message: "the request to \(Authority(of: request.url)) was aborted by the shutdown")
    }

    static func timedOut(_ request: PreparedRequest) -> TransferError {
        TransferError(
            kind: .timedOut,
            message: "\(Authority(of: request.url)) did not answer within \(request.timeout.forPeople)")
    }

    /// Translates a libcurl result. It queries the transfer's easy handle, so the transfer must not have finished yet.
    init(_ code: CURLcode, _ transfer: Transfer, _ configuration: CurlTransportConfiguration) {
        guard let easy = transfer.easy else {
            self.init(kind: .other(code: Int(code.rawValue)), message: "libcurl failed: \(CurlLibrary.text(for: code))")
            return
        }
        let failure = CurlFailure(code, transfer, easy, configuration)
        let kind = failure.kind
        self.init(kind: kind, message: failure.message(for: kind))
    }
}

/// Reads the reason for a failed transfer from its easy handle.
private struct CurlFailure {
    private let code: CURLcode
    private let easy: EasyHandle
    private let rejection: Transfer.Rejection?
    private let configuration: CurlTransportConfiguration
    private let maximumResponseBytes: Int
    private let requestedHTTPS: Bool
    private let requested: Authority
    private let wasRedirected: Bool
    /// The location at which the transfer failed. After a redirect it is the server's text, which may be long or contain the token, and must
    /// not become part of a message.
    private let url: String

    init(_ code: CURLcode, _ transfer: Transfer, _ easy: EasyHandle, _ configuration: CurlTransportConfiguration) {
        self.code = code
        self.easy = easy
        rejection = transfer.rejection
        self.configuration = configuration
        maximumResponseBytes = transfer.maximumResponseBytes
        requestedHTTPS = transfer.request.isHTTPS
        requested = Authority(of: transfer.request.url)
        wasRedirected = easy.long(CURLINFO_REDIRECT_COUNT) > 0
        url = easy.string(CURLINFO_EFFECTIVE_URL) ?? transfer.request.url
    }

    /// The server that failed.
    private var endpoint: String { wasRedirected ? "the target of a redirect of \(requested)" : requested.description }

    var kind: TransferError.Kind {
        switch rejection {
        case .bodyTooLong: return .responseTooLarge(limit: maximumResponseBytes)
        case .bodiesTooLong: return .responseTooLarge(limit: configuration.maximumBytesInFlight)
        case .headTooLong: return .responseTooLarge(limit: ResponseHead.maximumBytes)
        case .leavesHTTPS: return .redirectRefused
        case .isRepetition: return .connectionBroken
        case .restNotWanted, nil: break
        }
        return switch code {
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED: wasRedirected ? .redirectRefused : .invalidURL
        case CURLE_UNSUPPORTED_PROTOCOL: schemeIsRefused ? .redirectRefused : .invalidResponse
        case CURLE_COULDNT_RESOLVE_HOST: .nameNotResolved
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxyFailed
        case CURLE_COULDNT_CONNECT: failedAtProxy ? .proxyFailed : .connectionFailed
        // The connect time-out is the only one set in libcurl.
        case CURLE_OPERATION_TIMEDOUT: .connectTimedOut
        case CURLE_PEER_FAILED_VERIFICATION: .certificateRejected
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            .tlsFailed
        case CURLE_SSL_CACERT_BADFILE: .configuration
        case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
            // When a proxy refuses a tunnel, libcurl has a status for CONNECT but no connection to receive from.
            [0, 200].contains(easy.long(CURLINFO_HTTP_CONNECTCODE)) ? .connectionBroken : .proxyFailed
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR: .invalidResponse
        default: .other(code: Int(code.rawValue))
        }
    }

    func message(for kind: TransferError.Kind) -> String {
        switch kind {
        case .nameNotResolved:
            "cannot resolve \(wasRedirected ? endpoint : requested.host): check the name and the name server"
        case .connectionFailed:
            "cannot connect to \(endpoint): \(systemReason ?? detail)"
        case .connectTimedOut:
            "no connection to \(endpoint) within \(configuration.connectTimeout.forPeople)"
        case .certificateRejected:
            certificateMessage
        case .tlsFailed:
            "TLS handshake with \(endpoint) failed: \(detail)"
        case .responseTooLarge(let limit) where rejection == .bodiesTooLong:
            "responses in flight exceed \(limit) bytes in total; aborted the one of \(endpoint)"
        case .responseTooLarge(let limit):
            "the response of \(endpoint) exceeds \(limit) bytes"
        case .tooManyRedirects:
            "\(requested) redirects more than \(configuration.maximumRedirects) times"
        case .redirectRefused where schemeIsRefused || rejection == .leavesHTTPS:
            "a redirect of \(requested) leads away from \(requestedHTTPS ? "HTTPS" : "HTTP and HTTPS") and is not followed"
        case .redirectRefused, .invalidURL:
            "the address of \(endpoint) is not valid: \(detail)"
        case .connectionBroken where rejection == .isRepetition:
            "\(endpoint) ended the connection before the response was complete; the request is not sent again"
        case .connectionBroken:
            "\(endpoint) ended the connection before the response was complete: \(detail)"
        case .invalidResponse:
            "the response of \(endpoint) is not valid: \(detail)"
        case .proxyFailed:
            "the proxy for \(endpoint) failed (set by the environment, such as https_proxy): \(detail)"
        default:
            "the request to \(endpoint) failed: \(detail)"
        }
    }

    /// Whether a redirect led to a disallowed scheme. libcurl returns the same result for a response that is not HTTP.
    private var schemeIsRefused: Bool {
        guard wasRedirected else { return false }
        let scheme = url.prefix { $0 != ":" }.lowercased()
        return scheme != "https" && (requestedHTTPS || scheme != "http")
    }

    /// libcurl's text names the peer that it tried to connect to, which is either the host itself or a proxy.
    private var failedAtProxy: Bool {
        !easy.errorDetail.lowercased().contains(Authority(of: url).host.lowercased())
    }

    private var systemReason: String? {
        let number = easy.long(CURLINFO_OS_ERRNO)
        return number == 0 ? nil : String(cString: strerror(Int32(number)))
    }

    private var detail: String {
        let detail = easy.errorDetail
        // libcurl's text contains the target of a redirect, and the address of an unsupported proxy, which may include a password.
        return detail.isEmpty || wasRedirected || detail.hasPrefix("Unsupported proxy") ? CurlLibrary.text(for: code) : detail
    }

    private var certificateMessage: String {
        // libcurl uses this prefix for certificate chains, with a text of the TLS library, but not for a host name mismatch.
        let prefix = "SSL certificate problem: "
        let reason = easy.errorDetail
        guard reason.hasPrefix(prefix) else {
            return "the certificate of \(endpoint) is for another host: \(detail)"
        }
        let problem = reason.dropFirst(prefix.count)
        // OpenSSL's X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, two codes for self-signed certificates and two for a missing issuer.
        let lacksAuthority = [2, 18, 19, 20, 21].contains(easy.long(CURLINFO_SSL_VERIFYRESULT))
        return "the certificate of \(endpoint) is not trusted: \(problem)"
            + (lacksAuthority ? "; to trust it, provide its CA certificate" : "")
    }
}

extension Duration {
    /// "30 s", or "250 ms" if the duration is not a whole number of seconds.
    fileprivate var forPeople: String {
        let (seconds, attoseconds) = components
        return attoseconds == 0 ? "\(seconds) s" : "\(wholeMilliseconds) ms"
    }
}

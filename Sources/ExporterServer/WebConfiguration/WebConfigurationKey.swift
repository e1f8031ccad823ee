/// The keys of a web configuration file, by the names that the documentation of Prometheus' exporter-toolkit gives them.
enum WebConfigurationKey: String, CaseIterable {
    case tls = "tls_server_config"
    case http = "http_server_config"
    case users = "basic_auth_users"
    case rateLimit = "rate_limit"

    /// The keys of `tls_server_config`.
    enum TLS: String, CaseIterable {
        case certificate = "cert"
        case certificateFile = "cert_file"
        case key
        case keyFile = "key_file"
        case clientAuthority = "client_ca"
        case clientAuthorityFile = "client_ca_file"
        case clientAuthentication = "client_auth_type"
        case allowedNames = "client_allowed_sans"
        case minimumVersion = "min_version"
        case maximumVersion = "max_version"
        case cipherSuites = "cipher_suites"
        case prefersServerCipherSuites = "prefer_server_cipher_suites"
        case curves = "curve_preferences"
    }

    /// The keys of `http_server_config`.
    enum HTTP: String, CaseIterable {
        case http2
        case headers
    }

    /// The keys of `rate_limit`.
    enum RateLimit: String, CaseIterable {
        case interval
        case burst
    }
}

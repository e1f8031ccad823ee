internal import Configuration
internal import HTTPTypes

/// The content of a web configuration file, validated as far as possible without opening the files that it refers to.
///
/// The format is that of Prometheus' exporter-toolkit (docs/web-configuration.md there); this package's
/// `docs/web-configuration.md` describes where this parser is stricter.
struct WebConfigurationFile: Sendable {
    /// Nil for plain HTTP.
    let tls: TLSServerSettings?
    /// Whether HTTP/2 is offered in addition to HTTP/1.1 when TLS is used.
    let offersHTTP2: Bool
    /// Header fields that are added to responses.
    let headerFields: HTTPFields
    /// The allowed users; empty disables authentication.
    let users: BasicAuthenticationUsers
    /// Nil for no limit.
    let rateLimit: RateLimit?
    /// Usable settings that are probably mistakes.
    let warnings: [WebConfigurationError]

    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - directory: the base of relative paths in it.
    /// - Throws: ``WebConfigurationError`` with the position in the file.
    init(reading bytes: [UInt8], directory: String) throws(WebConfigurationError) {
        do throws(YAMLError) {
            var warnings: [YAMLError] = []
            let root = try YAMLDocument.read(bytes)
            let fields = try YAMLFields(root, in: "the file", keys: WebConfigurationKey.self)
            let http = try fields[.http].map { node throws(YAMLError) in try HTTPServerSettings(node) } ?? HTTPServerSettings()
            tls = try fields[.tls].flatMap { node throws(YAMLError) in
                try TLSServerSettings(node, directory: directory, offersHTTP2: http.offersHTTP2, &warnings)
            }
            offersHTTP2 = http.offersHTTP2
            headerFields = http.headerFields
            users =
                try fields[.users].map { node throws(YAMLError) in try BasicAuthenticationUsers(node) }
                ?? BasicAuthenticationUsers()
            rateLimit = try fields[.rateLimit].flatMap { node throws(YAMLError) in try RateLimit.read(node, &warnings) }
            self.warnings = warnings.map { WebConfigurationError($0) }
        } catch {
            throw WebConfigurationError(error)
        }
    }
}

/// The keys of a web configuration file, as documented by Prometheus' exporter-toolkit.
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

/// Why a web configuration file is invalid: one line without secrets.
package struct WebConfigurationError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    init(at position: YAMLPosition, _ message: String) {
        self.init("\(YAMLError(at: position, message))")
    }

    init(_ error: YAMLError) {
        self.init("\(error)")
    }

    /// The error prefixed with the file's name.
    func inFile(_ path: String) -> WebConfigurationError { WebConfigurationError("\(path): \(description)") }
}

internal import Configuration
internal import HTTPTypes

/// What a web configuration file says, checked as far as that is possible without opening the files that it names.
///
/// The format is that of Prometheus' exporter-toolkit (docs/web-configuration.md there): `docs/web-configuration.md` of this
/// package says where this reader is stricter.
struct WebConfigurationFile: Sendable {
    /// Nil serves plain HTTP.
    let tls: TLSServerSettings?
    /// Whether HTTP/2 is offered beside HTTP/1.1 where there is TLS.
    let offersHTTP2: Bool
    /// What answers carry beside their own header fields.
    let headerFields: HTTPFields
    /// Who may ask; nobody in it lets everybody ask.
    let users: BasicAuthenticationUsers
    /// Nil does not limit how often is asked.
    let rateLimit: RateLimit?
    /// What can be used and is probably not as it was meant.
    let warnings: [WebConfigurationError]

    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - directory: what relative paths in it are relative to.
    /// - Throws: ``WebConfigurationError``, which says where in the file.
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

/// Why a web configuration file cannot be used: one line, without anything that may be a secret.
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

    /// The same with the name of the file before it.
    func inFile(_ path: String) -> WebConfigurationError { WebConfigurationError("\(path): \(description)") }
}

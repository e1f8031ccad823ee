internal import HTTPTypes
internal import YAMLTree

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

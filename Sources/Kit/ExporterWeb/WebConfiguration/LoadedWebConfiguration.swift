package import HTTPServer
package import HTTPTypes

/// A web configuration file that has been read together with all files that it refers to.
package struct LoadedWebConfiguration: Sendable, CustomReflectable {
    /// The file's path.
    package let path: String
    /// How connections are secured; nil for plain HTTP.
    package let security: ConnectionSecurity?
    /// The policy for requests.
    package let policy: RequestPolicy
    /// Usable settings that are probably mistakes, one line each, with the file's name.
    package let warnings: [WebConfigurationError]
    /// The files that it was read from.
    let files: WatchedFiles
    private let clients: ClientRestriction

    /// Reads a file with its certificates and keys. This is disk I/O and must not happen on the event loop.
    /// - Throws: ``WebConfigurationError`` with the file's name.
    package init(path: String) throws(WebConfigurationError) {
        var files = WatchedFiles()
        try self.init(path: path, &files)
    }

    /// - Parameter files: records the files read, even after an error.
    init(path: String, _ files: inout WatchedFiles) throws(WebConfigurationError) {
        self.path = path
        // Its error already names the file.
        let bytes = try files.read(path)
        do throws(WebConfigurationError) {
            let file = try WebConfigurationFile(reading: bytes, directory: FileContent.directory(of: path))
            clients = ClientRestriction(file.tls)
            warnings = file.warnings.map { $0.inFile(path) }
            security = try file.tls.map { tls throws(WebConfigurationError) in try tls.connectionSecurity(&files) }
            var policy = RequestPolicy()
            policy.headerFields = file.headerFields
            policy.users = file.users
            policy.rateLimit = file.rateLimit
            self.policy = policy
        } catch {
            throw error.inFile(path)
        }
        self.files = files
    }

    /// Whether connections are secured.
    package var usesTLS: Bool { security != nil }

    /// Why this configuration must not replace the active one; nil when it may.
    ///
    /// A truncated file must not grant access that the complete one denies, so access restrictions are not removed while the
    /// exporter runs.
    package func obstacle(toReplacing before: LoadedWebConfiguration) -> String? {
        var lost: [String] = []
        if usesTLS != before.usesTLS {
            lost.append("TLS cannot be turned \(usesTLS ? "on" : "off")")
        } else {
            lost += clients.lost(since: before.clients)
        }
        if policy.users.isEmpty, !before.policy.users.isEmpty {
            lost.append("passwords cannot be turned off (basic_auth_users is missing)")
        }
        return lost.isEmpty ? nil : "\(lost.joined(separator: ", and ")) while the exporter runs; restart it"
    }

    /// Hides keys.
    package var customMirror: Mirror { Mirror(self, children: ["path": path]) }
}

/// The restrictions on clients by their certificates.
private struct ClientRestriction: Sendable {
    private let isRequired: Bool
    private let hasOwnAuthority: Bool
    private let hasNames: Bool

    init(_ tls: TLSServerSettings?) {
        isRequired = tls?.clientAuthentication == .requireAndVerify
        hasOwnAuthority = tls?.clientAuthority != nil
        hasNames = tls?.allowedNames != nil
    }

    func lost(since before: ClientRestriction) -> [String] {
        guard before.isRequired else { return [] }
        guard isRequired else { return ["client certificates cannot be made optional"] }
        return [(before.hasOwnAuthority && !hasOwnAuthority, "client_ca"), (before.hasNames && !hasNames, "client_allowed_sans")]
            .filter(\.0).map { "\($0.1) cannot be removed" }
    }
}

/// The web configuration's policy for requests.
package struct RequestPolicy: Sendable {
    /// Added to every response.
    package var headerFields: HTTPFields = [:]
    /// The allowed users; empty disables authentication.
    package var users = BasicAuthenticationUsers()
    /// Nil for no limit.
    package var rateLimit: RateLimit?

    package init() {}
}

package import HTTPServer
package import HTTPTypes

/// A web configuration file that has been read with all files that it names.
package struct LoadedWebConfiguration: Sendable, CustomReflectable {
    /// The file's path.
    package let path: String
    /// How connections are secured; nil where they are not.
    package let security: ConnectionSecurity?
    /// What holds for requests.
    package let policy: RequestPolicy
    /// What can be used and is probably not as it was meant, a line each, with the file's name.
    package let warnings: [WebConfigurationError]
    /// What it was made of.
    let files: WatchedFiles
    private let clients: ClientRestriction

    /// Reads a file, and the certificates and keys that it names. This is disk I/O: not for the event loop.
    /// - Throws: ``WebConfigurationError``, which names the file.
    package init(path: String) throws(WebConfigurationError) {
        var files = WatchedFiles()
        try self.init(path: path, &files)
    }

    /// - Parameter files: learns which files were read, even when something is wrong with them.
    init(path: String, _ files: inout WatchedFiles) throws(WebConfigurationError) {
        self.path = path
        // Its error names the file itself.
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

    /// Why this cannot take the place of a configuration in force; nil when it can.
    ///
    /// A file that is cut off in the middle must not let in whom the whole one keeps out, so what restricts access is not turned off
    /// while the exporter runs.
    package func obstacle(toReplacing before: LoadedWebConfiguration) -> String? {
        var lost: [String] = []
        if usesTLS != before.usesTLS {
            lost.append("TLS cannot be turned \(usesTLS ? "on" : "off")")
        } else {
            lost += clients.lost(since: before.clients)
        }
        if policy.users.isEmpty, !before.policy.users.isEmpty {
            lost.append("passwords cannot be turned off (there is no basic_auth_users any more)")
        }
        return lost.isEmpty ? nil : "\(lost.joined(separator: ", and ")) while the exporter runs; restart it"
    }

    /// Does not show keys.
    package var customMirror: Mirror { Mirror(self, children: ["path": path]) }
}

/// What keeps clients out by their certificates.
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
            .filter(\.0).map { "\($0.1) cannot be left out any more" }
    }
}

/// What a web configuration says of requests.
package struct RequestPolicy: Sendable {
    /// What every answer carries.
    package var headerFields: HTTPFields = [:]
    /// Who may ask; nobody in it lets everybody ask.
    package var users = BasicAuthenticationUsers()
    /// Nil does not limit how often is asked.
    package var rateLimit: RateLimit?

    package init() {}
}

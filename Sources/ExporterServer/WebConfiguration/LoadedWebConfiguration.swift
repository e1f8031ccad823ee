package import HTTPListener

/// A web configuration file that has been read with all files that it names.
package struct LoadedWebConfiguration: Sendable, CustomReflectable {
    /// The file's path.
    package let path: String
    /// How connections are secured; nil where they are not.
    package let security: ConnectionSecurity?
    /// What holds for requests.
    package let policy: RequestPolicy
    /// What it was made of.
    let files: WatchedFiles

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

    /// Does not show keys.
    package var customMirror: Mirror { Mirror(self, children: ["path": path]) }
}

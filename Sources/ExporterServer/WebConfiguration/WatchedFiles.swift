/// The files that a configuration is made of, and how they were when they were read.
struct WatchedFiles: Sendable, Hashable {
    /// By path; no version where there was no file.
    private var versions: [String: FileContent.Version?] = [:]

    /// Reads a file, and from now on knows when it changes.
    mutating func read(_ path: String) throws(WebConfigurationError) -> [UInt8] {
        // Before it is read: what is written meanwhile is a change.
        versions.updateValue(FileContent.Version(of: path), forKey: path)
        return try FileContent.read(path)
    }

    /// The same files as they are now.
    func current() -> WatchedFiles {
        var files = self
        for path in versions.keys { files.versions.updateValue(FileContent.Version(of: path), forKey: path) }
        return files
    }
}

internal import Basics

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The files that a configuration consists of, with their versions when they were read.
struct WatchedFiles: Sendable, Hashable {
    /// By path; nil for a missing file.
    private var versions: [String: FileVersion?] = [:]
    /// Whether a file could not be read, which may pass without a change of the file.
    private(set) var hasReadError = false

    init(_ paths: [String] = []) {
        for path in paths { versions.updateValue(FileVersion(of: path), forKey: path) }
    }

    /// Reads a file and records its version.
    mutating func read(_ path: String) throws(WebConfigurationError) -> [UInt8] {
        // Taken before reading, so that a concurrent write counts as a change.
        versions.updateValue(FileVersion(of: path), forKey: path)
        do {
            return try FileContent.read(path)
        } catch {
            hasReadError = true
            throw error
        }
    }

    /// The same files with their current versions.
    func current() -> WatchedFiles {
        var files = self
        for path in versions.keys { files.versions.updateValue(FileVersion(of: path), forKey: path) }
        return files
    }
}

/// Detects changes of files once they are complete: a changed version counts only when it is seen twice, since the files may still be being
/// written.
package struct FileWatch: Sendable {
    /// The interval between two calls of ``hasChanged()``.
    package static let interval = Duration.seconds(1)

    /// The files as they were last used.
    private var used: WatchedFiles
    /// A changed version that was seen once.
    private var changing: WatchedFiles?

    /// - Parameter paths: the files to watch, as they are now.
    package init(_ paths: [String]) {
        used = WatchedFiles(paths)
    }

    init(_ files: WatchedFiles) {
        used = files
    }

    /// Whether the files have changed since they were last used, and stayed the same since the previous call. The changed version
    /// then counts as used.
    package mutating func hasChanged() -> Bool {
        let now = used.current()
        if now == used {
            changing = nil
        } else if now == changing {
            self = FileWatch(now)
            return true
        } else {
            changing = now
        }
        return false
    }

    /// Whether the files are as they were last used.
    var isUnchanged: Bool { changing == nil }
}

/// Reads small files.
enum FileContent {
    /// Larger than any configuration or certificate list.
    private static let maximumBytes = 4 * 1024 * 1024

    /// Reads a whole file.
    /// - Throws: ``WebConfigurationError`` with the system's reason.
    static func read(_ path: String) throws(WebConfigurationError) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw failure(path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            bytes += piece[..<count]
            if ferror(file) != 0 { throw failure(path) }
            if count == 0 { return bytes }
            guard bytes.count <= maximumBytes else {
                throw WebConfigurationError("\(path) is longer than \(maximumBytes) bytes")
            }
        }
    }

    private static func failure(_ path: String) -> WebConfigurationError {
        WebConfigurationError("cannot read \(path): \(String(cString: strerror(errno)))")
    }

    /// Resolves a path against a directory; an absolute path is returned unchanged.
    static func path(_ path: String, relativeTo directory: String) -> String {
        path.hasPrefix("/") || directory.isEmpty ? path : "\(directory)/\(path)"
    }

    /// The directory of a path; empty for the working directory.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

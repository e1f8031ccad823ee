#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A file that holds one secret: a token or a password.
package struct SecretFile: Sendable, Hashable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Tells whether the file has been written to or replaced; nil when there is no such file.
    package struct Version: Sendable, Hashable {
        private let device: UInt64
        private let inode: UInt64
        private let size: Int64
        private let seconds: Int
        private let nanoseconds: Int

        fileprivate init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            #if os(Linux)
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
            #else
            (seconds, nanoseconds) = (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
            #endif
        }
    }

    package var version: Version? { Version(path: path) }

    /// The file's text, as it stands.
    /// - Throws: ``AccessTokenError`` that names the file and the system's reason.
    package func read() throws(AccessTokenError) -> String {
        guard let file = fopen(path, "re") else { throw error("read") }
        defer { fclose(file) }
        // Longer than any secret: who names the wrong file is told so by what follows.
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        if ferror(file) != 0 { throw error("read") }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Replaces the file: it holds either the old text or the new one whenever the machine stops, and only its owner can read it.
    package func replace(with text: String) throws(AccessTokenError) {
        // Where the path is a link, the file that it leads to is replaced and not the link.
        let target = resolvedPath
        let replacement = FileReplacement(target, by: target + ".new", permissions: 0o600)
        if let reason = replacement.write([Array(text.utf8)]) { throw error("write", reason) }
    }

    private var resolvedPath: String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func error(_ verb: String, _ reason: String = String(cString: strerror(errno))) -> AccessTokenError {
        AccessTokenError("cannot \(verb) the file \(path): \(reason)")
    }
}

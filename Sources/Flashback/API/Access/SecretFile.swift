internal import Basics

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

        fileprivate func isOfSameFile(as other: Version) -> Bool { (device, inode) == (other.device, other.inode) }

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

    /// The first word of the text, which is all there is where a token was written by an editor or a shell; nil without one.
    package func firstWord() throws(AccessTokenError) -> String? {
        try read().split(whereSeparator: \.isWhitespace).first.map { String($0) }
    }

    /// Whether a text can be read back as ``firstWord()``, as every token can.
    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    // MARK: Replacing

    /// Replaces the file: it holds either the old text or the new one whenever the machine stops. It keeps its owner, group and mode,
    /// so that who could read it still can; a new one is for its owner alone.
    package func replace(with text: String) throws(AccessTokenError) {
        if let failure = replacement(by: ".new").write([Array(text.utf8)]) { throw error("write", failure) }
    }

    /// Tries what ``replace(with:)`` does, but for the replacing itself.
    /// - Returns: why it would fail now although this user may do it, as when the disk is full.
    /// - Throws: ``AccessTokenError`` when this user may not do it.
    func rehearseReplacement() throws(AccessTokenError) -> String? {
        // Another name than that of a replacement, which another process may be making.
        guard let failure = replacement(by: ".\(getpid()).try").rehearse() else { return nil }
        guard failure.isLasting else { return failure.reason }
        throw AccessTokenError(
            "cannot replace the file \(path), which renewing its token does: \(failure.reason); run as the user that owns it, "
                + "in a directory that this user may write to")
    }

    private func replacement(by suffix: String) -> FileReplacement {
        // Where the path is a link, the file that it leads to is replaced and not the link.
        let target = resolvedPath
        return FileReplacement(target, by: target + suffix, permissions: 0o600, keepsOwner: true)
    }

    // MARK: Identity

    /// Whether two paths lead to one file, or to files with the same word: whose token is replaced in one of them, loses it in the other.
    package func sharesToken(with other: SecretFile) -> Bool {
        if resolvedPath == other.resolvedPath { return true }
        if let version, let theirs = other.version, version.isOfSameFile(as: theirs) { return true }
        guard let word = try? firstWord(), let theirs = try? other.firstWord() else { return false }
        return word == theirs
    }

    /// The file's only name: absolute and without links; of a file that is not there, with the real name of its directory.
    private var resolvedPath: String {
        if let resolved = Self.realPath(path) { return resolved }
        let (directory, name) =
            path.lastIndex(of: "/").map { (String(path[...$0]), path[path.index(after: $0)...]) } ?? (".", path[...])
        return Self.realPath(directory).map { $0 == "/" ? "/\(name)" : "\($0)/\(name)" } ?? path
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func error(_ verb: String, _ reason: String = String(cString: strerror(errno))) -> AccessTokenError {
        AccessTokenError("cannot \(verb) the file \(path): \(reason)")
    }
}

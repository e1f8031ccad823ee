package import Basics

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

    /// Nil when the file does not exist.
    package var version: FileVersion? { FileVersion(of: path) }

    /// The file's text, unmodified.
    /// - Throws: ``AccessTokenError`` that names the file and the system's reason.
    package func read() throws(AccessTokenError) -> String {
        guard let file = fopen(path, "re") else { throw error("read") }
        defer { fclose(file) }
        // Longer than any secret; anything larger is the wrong file and is reported below.
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        if ferror(file) != 0 { throw error("read") }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The first word of the text, which is the whole token when an editor or a shell wrote the file; nil when there is none.
    package func firstWord() throws(AccessTokenError) -> String? {
        try read().split(whereSeparator: \.isWhitespace).first.map { String($0) }
    }

    /// Whether ``firstWord()`` would return the text unchanged, as for every valid token.
    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    // MARK: Replacing

    /// The suffix of the new file's name until the file is complete.
    private static let replacementSuffix = ".new"

    /// Replaces the file atomically: after a crash it holds either the old or the new text. Owner, group and mode are kept, so
    /// the same users can still read it; a new file is readable by its owner only.
    package func replace(with text: String) throws(AccessTokenError) {
        if let failure = replacement(by: Self.replacementSuffix).write([Array(text.utf8)]) { throw error("write", failure) }
    }

    /// Tests whether ``replace(with:)`` would work, without replacing anything.
    /// - Returns: why it would fail now, for a temporary reason such as a full disk.
    /// - Throws: ``AccessTokenError`` when this user has no permission to replace the file.
    func rehearseReplacement() throws(AccessTokenError) -> String? {
        // Uses another name than a replacement, because another process may be replacing the file.
        guard let failure = replacement(by: ".\(getpid()).try").rehearse() else { return nil }
        guard failure.isLasting else { return failure.reason }
        throw AccessTokenError(
            "cannot replace the file \(path), which token renewal requires: \(failure.reason); run as its owner, "
                + "in a directory that this user may write to")
    }

    private func replacement(by suffix: String) -> FileReplacement {
        let target = resolvedPath
        return FileReplacement(target, by: target + suffix, permissions: 0o600, keepsOwner: true)
    }

    // MARK: Interrupted replacements

    /// The token of a replacement that a crash interrupted after the new file was written and before it was renamed; nil when there is
    /// none, when it is incomplete, or when the file has changed since.
    func interruptedReplacement() -> String? {
        let path = resolvedPath + Self.replacementSuffix
        guard let version, let left = FileVersion(of: path), !left.isOlder(than: version) else { return nil }
        // The exporter never creates a link there, so do not follow one.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0, let file = fdopen(descriptor, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        // The line feed is written last.
        guard count > 1, bytes[count - 1] == UInt8(ascii: "\n") else { return nil }
        let token = String(decoding: bytes[..<(count - 1)], as: UTF8.self)
        return Self.isToken(token) ? token : nil
    }

    /// Removes the file that ``interruptedReplacement()`` read.
    func discardInterruptedReplacement() { unlink(resolvedPath + Self.replacementSuffix) }

    // MARK: Identity

    /// Whether two paths lead to the same file, or to files with the same token: rotating the token in one file invalidates it in
    /// the other.
    package func sharesToken(with other: SecretFile) -> Bool {
        if resolvedPath == other.resolvedPath { return true }
        if let version, let theirs = other.version, version.isOfSameFile(as: theirs) { return true }
        guard let word = try? firstWord(), let theirs = try? other.firstWord() else { return false }
        return word == theirs
    }

    /// The file's canonical path. A symbolic link is kept; the file that it points to is replaced.
    private var resolvedPath: String { FileReplacement.target(of: path) }

    private func error(_ verb: String, _ reason: String = String(cString: strerror(errno))) -> AccessTokenError {
        AccessTokenError("cannot \(verb) the file \(path): \(reason)")
    }
}

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Replaces a file atomically: readers see the old or the new content, never a part, even after a crash.
package struct FileReplacement: Sendable {
    private let path: String
    private let temporaryPath: String
    private let permissions: UInt32
    private let keepsOwner: Bool

    /// - Parameters:
    ///   - temporaryPath: where the new content is written first; in the same directory, since a rename cannot cross file
    ///     systems.
    ///   - permissions: the new file's mode, before the process' umask is applied.
    ///   - keepsOwner: whether the new file takes over owner, group and permissions of the old one.
    package init(_ path: String, by temporaryPath: String, permissions: UInt32, keepsOwner: Bool = false) {
        self.path = path
        self.temporaryPath = temporaryPath
        self.permissions = permissions
        self.keepsOwner = keepsOwner
    }

    /// Why a file cannot be replaced.
    package struct Failure: Error {
        /// The system's reason, such as "No such file or directory".
        package let reason: String
        /// Whether the failure is permanent for this user, unlike a full disk.
        package let isLasting: Bool

        fileprivate init(_ number: Int32 = errno, of what: String = "") {
            reason = what + String(cString: strerror(number))
            isLasting = [EACCES, EPERM, EROFS].contains(number)
        }
    }

    /// - Returns: the system's reason if the file was not replaced; nil when it was.
    package func write(_ pieces: some Sequence<[UInt8]>) -> String? {
        do throws(Failure) {
            let file = try begin()
            for piece in pieces { try file.write(piece) }
            try file.finish()
            return nil
        } catch {
            return error.reason
        }
    }

    /// Creates the new file, with enough content to detect a full disk, and removes it again. The old file is not changed.
    /// - Returns: what would prevent the replacement; nil when no problem was found.
    package func rehearse() -> Failure? {
        do throws(Failure) {
            let file = try begin()
            try file.write([UInt8](repeating: 0, count: 4096))
            try file.synchronize()
            return nil
        } catch {
            return error
        }
    }

    /// Creates the new file, which replaces the old one when it is finished.
    package func begin() throws(Failure) -> NewFile {
        unlink(temporaryPath)  // Left behind if a previous run was stopped here.
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(permissions))
        guard descriptor >= 0 else { throw Failure() }
        guard let stream = fdopen(descriptor, "w") else {
            let failure = Failure()
            close(descriptor)
            unlink(temporaryPath)
            throw failure
        }
        let file = NewFile(stream, temporaryPath, replacing: path)
        try takeOverOwner(descriptor)
        return file
    }

    /// Copies the old file's owner, group and permissions to the new one. Without an old file, the new one keeps its own.
    private func takeOverOwner(_ file: Int32) throws(Failure) {
        var (old, new) = (stat(), stat())
        guard keepsOwner, stat(path, &old) == 0 else { return }
        guard fstat(file, &new) == 0 else { throw Failure() }
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid), fchown(file, old.st_uid, old.st_gid) != 0 {
            throw Failure(of: "cannot keep its owner (user \(old.st_uid), group \(old.st_gid)): ")
        }
        guard fchmod(file, old.st_mode & 0o777) == 0 else { throw Failure() }
    }

    /// A file that is being written. It is removed with this value, unless it is finished.
    package final class NewFile {
        private let stream: UnsafeMutablePointer<FILE>
        private let temporaryPath: String
        private let path: String
        private var isFinished = false

        fileprivate init(_ stream: UnsafeMutablePointer<FILE>, _ temporaryPath: String, replacing path: String) {
            self.stream = stream
            self.temporaryPath = temporaryPath
            self.path = path
        }

        deinit {
            fclose(stream)
            if !isFinished { unlink(temporaryPath) }
        }

        /// Appends to the content.
        package func write(_ bytes: [UInt8]) throws(Failure) {
            guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw Failure() }
        }

        /// Replaces the old file. When this returns, all content has reached the disk.
        package func finish() throws(Failure) {
            try synchronize()
            guard rename(temporaryPath, path) == 0 else { throw Failure() }
            isFinished = true
            synchronizeDirectory()
        }

        fileprivate func synchronize() throws(Failure) {
            guard fflush(stream) == 0, fsync(fileno(stream)) == 0 else { throw Failure() }
        }

        /// The rename must reach the disk too.
        private func synchronizeDirectory() {
            let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            let file = open(directory, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            fsync(file)
            close(file)
        }
    }

    // MARK: Links

    /// The file that a path leads to, so that replacing it keeps symbolic links: an absolute path without links if the file or its
    /// directory exists.
    package static func target(of path: String) -> String {
        if let resolved = realPath(path) { return resolved }
        // The file does not exist, possibly at the end of a link.
        if errno == ENOENT, let link = linkTarget(path) { return target(of: link) }
        let (directory, name) =
            path.lastIndex(of: "/").map { (String(path[...$0]), path[path.index(after: $0)...]) } ?? (".", path[...])
        return realPath(directory).map { $0 == "/" ? "/\(name)" : "\($0)/\(name)" } ?? path
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The target of a symbolic link; nil when the path is not one.
    private static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard !target.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return target }
        return path[...slash] + target
    }
}

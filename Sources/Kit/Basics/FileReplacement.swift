#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Replaces a file atomically: readers see the old or the new content, never a part of it, also after a crash.
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

    /// - Returns: the system's reason why the file is unchanged, such as "No such file or directory"; nil when it was replaced.
    package func write(_ pieces: some Sequence<[UInt8]>) -> String? {
        unlink(temporaryPath)  // Left behind if a previous run was stopped here.
        let file = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(permissions))
        guard file >= 0 else { return Self.reason }
        if let failure = takeOverOwner(file) {
            close(file)
            unlink(temporaryPath)
            return failure.reason
        }
        guard Self.writeAndClose(file, pieces), rename(temporaryPath, path) == 0 else {
            let reason = Self.reason
            unlink(temporaryPath)
            return reason
        }
        synchronizeDirectory()
        return nil
    }

    /// Why a file cannot be replaced.
    package struct Failure {
        /// The system's reason.
        package let reason: String
        /// Whether the failure is permanent for this user, unlike a full disk.
        package let isLasting: Bool

        fileprivate init(_ number: Int32, of what: String = "") {
            reason = what + String(cString: strerror(number))
            isLasting = [EACCES, EPERM, EROFS].contains(number)
        }
    }

    /// Creates the new file, with some content that a full disk would not take, and removes it again, leaving the old one untouched.
    /// - Returns: what would prevent the replacement; nil when no problem was found.
    package func rehearse() -> Failure? {
        unlink(temporaryPath)
        let file = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(permissions))
        guard file >= 0 else { return Failure(errno) }
        defer { unlink(temporaryPath) }
        if let failure = takeOverOwner(file) {
            close(file)
            return failure
        }
        return Self.writeAndClose(file, [[UInt8](repeating: 0, count: 4096)]) ? nil : Failure(errno)
    }

    /// Copies the old file's owner, group and permissions to the new one. Without an old file, the new one keeps its own.
    private func takeOverOwner(_ file: Int32) -> Failure? {
        var (old, new) = (stat(), stat())
        guard keepsOwner, stat(path, &old) == 0 else { return nil }
        guard fstat(file, &new) == 0 else { return Failure(errno) }
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid), fchown(file, old.st_uid, old.st_gid) != 0 {
            return Failure(errno, of: "cannot keep its owner (user \(old.st_uid), group \(old.st_gid)): ")
        }
        return fchmod(file, old.st_mode & 0o777) == 0 ? nil : Failure(errno)
    }

    private static var reason: String { String(cString: strerror(errno)) }

    /// - Returns: whether everything has reached the disk.
    private static func writeAndClose(_ file: Int32, _ pieces: some Sequence<[UInt8]>) -> Bool {
        guard let stream = fdopen(file, "w") else {
            close(file)
            return false
        }
        let isWritten =
            pieces.allSatisfy { fwrite($0, 1, $0.count, stream) == $0.count } && fflush(stream) == 0 && fsync(file) == 0
        return fclose(stream) == 0 && isWritten
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

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Replaces a file at once: who reads it, or finds it after the machine has stopped, has the old bytes or the new ones, never a part.
package struct FileReplacement: Sendable {
    private let path: String
    private let temporaryPath: String
    private let permissions: UInt32
    private let keepsOwner: Bool

    /// - Parameters:
    ///   - temporaryPath: where the new bytes are written first; in the same directory, since a file cannot be renamed to another disk.
    ///   - permissions: those of the new file, less what the process' umask takes away.
    ///   - keepsOwner: whether the new file takes over owner, group and permissions of the old one.
    package init(_ path: String, by temporaryPath: String, permissions: UInt32, keepsOwner: Bool = false) {
        self.path = path
        self.temporaryPath = temporaryPath
        self.permissions = permissions
        self.keepsOwner = keepsOwner
    }

    /// - Returns: the system's reason why the file is as it was, such as "No such file or directory"; nil when it was replaced.
    package func write(_ pieces: some Sequence<[UInt8]>) -> String? {
        unlink(temporaryPath)  // What a program left behind that was stopped here.
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
        /// Whether it is for this user to stay, and no passing trouble such as a full disk.
        package let isLasting: Bool

        fileprivate init(_ number: Int32, of what: String = "") {
            reason = what + String(cString: strerror(number))
            isLasting = [EACCES, EPERM, EROFS].contains(number)
        }
    }

    /// Makes the new file and removes it, leaving the old one as it is.
    /// - Returns: what would keep it from being replaced; nil when nothing is known.
    package func rehearse() -> Failure? {
        unlink(temporaryPath)
        let file = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(permissions))
        guard file >= 0 else { return Failure(errno) }
        let failure = takeOverOwner(file)
        close(file)
        unlink(temporaryPath)
        return failure
    }

    /// Gives the new file the old one's owner, group and permissions; one that replaces none keeps its own.
    private func takeOverOwner(_ file: Int32) -> Failure? {
        var (old, new) = (stat(), stat())
        guard keepsOwner, stat(path, &old) == 0 else { return nil }
        guard fstat(file, &new) == 0 else { return Failure(errno) }
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid), fchown(file, old.st_uid, old.st_gid) != 0 {
            return Failure(errno, of: "it belongs to user \(old.st_uid) and group \(old.st_gid), which cannot be kept: ")
        }
        return fchmod(file, old.st_mode & 0o777) == 0 ? nil : Failure(errno)
    }

    private static var reason: String { String(cString: strerror(errno)) }

    /// - Returns: whether all of it has reached the disk.
    private static func writeAndClose(_ file: Int32, _ pieces: some Sequence<[UInt8]>) -> Bool {
        guard let stream = fdopen(file, "w") else {
            close(file)
            return false
        }
        let isWritten =
            pieces.allSatisfy { fwrite($0, 1, $0.count, stream) == $0.count } && fflush(stream) == 0 && fsync(file) == 0
        return fclose(stream) == 0 && isWritten
    }

    /// The new name must reach the disk too.
    private func synchronizeDirectory() {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let file = open(directory, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        fsync(file)
        close(file)
    }
}

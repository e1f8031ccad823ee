internal import Basics
internal import Configuration
internal import FlashbackAPI

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Writes the files of `collect --output` and `record --output`.
enum TextFile {
    /// Writes to a path. A regular file is replaced atomically, so that readers see the old or the new content, never a part; a
    /// pipe or a character device such as `/dev/stdout` is written to directly.
    /// - Parameter permissions: the mode of a new file, before the process' umask is applied.
    /// - Throws: ``InvalidArgument`` with the reason.
    static func write(
        _ pieces: some Sequence<[UInt8]>, to path: String, permissions: UInt32 = 0o666
    ) throws(InvalidArgument) {
        if let reason = write(pieces, path, permissions) { throw failure(path, reason) }
    }

    /// Replaces the file at a path, or at the end of a symbolic link, which is kept.
    static func replacement(of path: String, permissions: UInt32 = 0o666) -> FileReplacement {
        let target = FileReplacement.target(of: path)
        // The temporary name does not end in ".prom", so that node_exporter does not read an incomplete file.
        return FileReplacement(target, by: "\(target).\(getpid()).tmp", permissions: permissions)
    }

    /// The error about a file that cannot be written.
    static func failure(_ path: String, _ reason: String) -> InvalidArgument {
        InvalidArgument("--output: cannot write \(path): \(reason)")
    }

    /// - Returns: why the text was not written; nil on success.
    private static func write(
        _ pieces: some Sequence<[UInt8]>, _ path: String, _ permissions: UInt32
    ) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { return String(cString: strerror(errno)) }
            return replacement(of: path, permissions: permissions).write(pieces)
        }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: replacement(of: path, permissions: permissions).write(pieces)
        case S_IFIFO, S_IFCHR: append(pieces, to: path)
        case S_IFDIR: String(cString: strerror(EISDIR))
        default: "not a regular file, a pipe or a character device"
        }
    }

    /// - Returns: the system's reason for an incomplete write; nil on success.
    private static func append(_ pieces: some Sequence<[UInt8]>, to path: String) -> String? {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0, let file = fdopen(descriptor, "w") else { return String(cString: strerror(errno)) }
        var number: Int32 = 0
        for piece in pieces where number == 0 {
            if fwrite(piece, 1, piece.count, file) < piece.count { number = errno }
        }
        // This flushes the buffer.
        if fclose(file) != 0, number == 0 { number = errno }
        return number == 0 ? nil : String(cString: strerror(number))
    }
}

/// The command lines of running processes, which Linux shows to all users in `/proc`.
enum ProcessArguments {
    /// The arguments of an exporter process, or of an exporter run by a container's init.
    /// - Returns: the arguments without the program's name; nil when the process does not run an exporter.
    /// - Throws: ``InvalidArgument`` with the system's reason when there is no such process.
    static func ofExporter(_ process: Int32) throws(InvalidArgument) -> [String]? {
        let path = "/proc/\(process)/cmdline"
        guard let bytes = content(of: path) else {
            throw InvalidArgument("--pid: cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return exporterArguments(in: bytes)
    }

    /// - Parameter bytes: words, each terminated by a zero byte.
    static func exporterArguments(in bytes: [UInt8]) -> [String]? {
        let words = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
        // An init has its own arguments before the program's name, such as "/sbin/docker-init --".
        guard let name = words.firstIndex(where: { $0.split(separator: "/").last == "flashback-exporter" }) else { return nil }
        return Array(words[(name + 1)...])
    }

    private static func content(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return ferror(file) == 0 ? bytes : nil
    }
}

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
        if let reason = failure(writing: pieces, to: path, permissions) {
            throw InvalidArgument("--output: cannot write \(path): \(reason)")
        }
    }

    /// - Returns: why the text was not written; nil on success.
    private static func failure(
        writing pieces: some Sequence<[UInt8]>, to path: String, _ permissions: UInt32
    ) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { return String(cString: strerror(errno)) }
            // The file does not exist, possibly at the end of a symbolic link.
            if let target = linkTarget(path) { return failure(writing: pieces, to: target, permissions) }
            return replace(path, with: pieces, permissions)
        }
        return switch status.st_mode & S_IFMT {
        // A symbolic link is kept; the file that it points to is replaced.
        case S_IFREG: replace(resolved(path), with: pieces, permissions)
        case S_IFIFO, S_IFCHR: append(pieces, to: path)
        case S_IFDIR: String(cString: strerror(EISDIR))
        default: "not a regular file, a pipe or a character device"
        }
    }

    private static func replace(
        _ path: String, with pieces: some Sequence<[UInt8]>, _ permissions: UInt32
    ) -> String? {
        // The temporary name does not end in ".prom", so that node_exporter does not read an incomplete file.
        FileReplacement(path, by: "\(path).\(getpid()).tmp", permissions: permissions).write(pieces)
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

    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
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

internal import Configuration
internal import Exposition

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The OpenMetrics file that a backfill writes. It appears under its name only when it is complete.
final class BackfillFile {
    private let path: String
    private let temporaryPath: String
    private let file: UnsafeMutablePointer<FILE>
    private var isFinished = false

    /// Begins a new file beside the path.
    /// - Throws: a one-line error with the system's reason.
    init(path: String) throws(InvalidArgument) {
        self.path = path
        temporaryPath = "\(path).\(getpid()).tmp"
        guard let file = fopen(temporaryPath, "we") else { throw Self.failure(path) }
        self.file = file
    }

    /// Removes an unfinished file.
    deinit {
        if !isFinished {
            fclose(file)
            unlink(temporaryPath)
        }
    }

    func write(_ bytes: [UInt8]) throws(InvalidArgument) {
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Self.failure(path) }
    }

    /// Ends the document and replaces the file at the path.
    func finish() throws(InvalidArgument) {
        try write(OpenMetricsHistory.end)
        guard fflush(file) == 0, fsync(fileno(file)) == 0 else { throw Self.failure(path) }
        isFinished = true
        guard fclose(file) == 0, rename(temporaryPath, path) == 0 else {
            let failure = Self.failure(path)
            unlink(temporaryPath)
            throw failure
        }
    }

    /// Checks what can be checked before hours of requests.
    /// - Throws: a one-line error when promtool could not read such a file.
    static func check(_ path: String) throws(InvalidArgument) {
        guard !path.isEmpty, path != "-" else {
            throw InvalidArgument("--output: give the path of a file; promtool cannot read a pipe")
        }
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw InvalidArgument("--output: \(path) is not a regular file; promtool cannot read anything else")
        }
    }

    private static func failure(_ path: String) -> InvalidArgument {
        InvalidArgument("--output: cannot write \(path): \(String(cString: strerror(errno)))")
    }
}

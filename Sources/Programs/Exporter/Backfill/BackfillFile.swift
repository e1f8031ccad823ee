internal import Basics
internal import Configuration
internal import Exposition

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The OpenMetrics file that a backfill writes. It appears under its name only when it is complete.
struct BackfillFile {
    private let path: String
    private let file: FileReplacement.NewFile

    /// Begins a new file, which is removed with this value unless it is finished.
    /// - Throws: a one-line error with the system's reason.
    init(path: String) throws(InvalidArgument) {
        self.path = path
        file = try Self.naming(path) { () throws(FileReplacement.Failure) in try TextFile.replacement(of: path).begin() }
    }

    func write(_ bytes: [UInt8]) throws(InvalidArgument) {
        try Self.naming(path) { () throws(FileReplacement.Failure) in try file.write(bytes) }
    }

    /// Ends the document and replaces the file at the path.
    func finish() throws(InvalidArgument) {
        try write(OpenMetricsHistory.end)
        try Self.naming(path) { () throws(FileReplacement.Failure) in try file.finish() }
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

    /// Names the path in the failure of a step.
    private static func naming<Result>(
        _ path: String, _ step: () throws(FileReplacement.Failure) -> Result
    ) throws(InvalidArgument) -> Result {
        do throws(FileReplacement.Failure) {
            return try step()
        } catch {
            throw TextFile.failure(path, error.reason)
        }
    }
}

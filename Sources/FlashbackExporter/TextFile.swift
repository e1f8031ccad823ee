internal import PrometheusCommandLine

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A file that others read while it is written.
enum TextFile {
    /// Replaces a file: who reads it finds the old text or the new one, never a part.
    /// - Throws: ``InvalidArgument`` with the system's reason.
    static func replace(_ path: String, with pieces: [[UInt8]]) throws {
        // Not ending in ".prom", so that node_exporter does not read it before it is whole.
        let temporary = "\(path).\(getpid()).tmp"
        guard let file = fopen(temporary, "we") else { throw failure(path) }
        var isWritten = pieces.allSatisfy { fwrite($0, 1, $0.count, file) == $0.count }
        isWritten = fflush(file) == 0 && fsync(fileno(file)) == 0 && isWritten
        isWritten = fclose(file) == 0 && isWritten
        guard isWritten, rename(temporary, path) == 0 else {
            let error = failure(path)
            unlink(temporary)
            throw error
        }
    }

    private static func failure(_ path: String) -> InvalidArgument {
        InvalidArgument("--output: cannot write \(path): \(String(cString: strerror(errno)))")
    }
}

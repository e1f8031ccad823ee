internal import FlashbackAPI
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
    static func replace(_ path: String, with pieces: some Sequence<[UInt8]>) throws {
        // Not ending in ".prom", so that node_exporter does not read it before it is whole.
        let replacement = FileReplacement(path, by: "\(path).\(getpid()).tmp", permissions: 0o666)
        if let reason = replacement.write(pieces) { throw InvalidArgument("--output: cannot write \(path): \(reason)") }
    }
}

internal import PrometheusCommandLine

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The command lines of running processes, as Linux shows them to every user in `/proc`.
enum ProcessArguments {
    /// The arguments of an exporter that a process is or, as an init in a container, runs.
    /// - Returns: the arguments without the program's name; nil when the process runs no exporter.
    /// - Throws: ``InvalidArgument`` with the system's reason when there is no such process.
    static func ofExporter(_ process: Int32) throws(InvalidArgument) -> [String]? {
        let path = "/proc/\(process)/cmdline"
        guard let bytes = content(of: path) else {
            throw InvalidArgument("--pid: cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return exporterArguments(in: bytes)
    }

    /// - Parameter bytes: words that each end with a zero byte.
    static func exporterArguments(in bytes: [UInt8]) -> [String]? {
        let words = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
        // An init has words of its own before the program's name, such as "/sbin/docker-init --".
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

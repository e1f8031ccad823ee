internal import Foundation

/// What the numbers were measured on and with.
public enum Machine {
    /// Lines for the head of a report.
    /// - Parameter programs: programs that say their version when asked with `--version`.
    public static func report(programs: [String]) -> String {
        var lines = [
            "machine  \(value("/proc/cpuinfo", "model name") ?? "?"), \(ProcessInfo.processInfo.activeProcessorCount) cores, "
                + "\(ProcessInfo.processInfo.physicalMemory >> 30) GiB, \(systemName)",
            "load     \(load) (1 minute; the numbers hold for an idle machine only)",
        ]
        for program in programs {
            lines.append("version  \(firstLine(of: program))")
        }
        return lines.joined(separator: "\n")
    }

    /// The load average over one minute.
    public static var load: String {
        String(text("/proc/loadavg").prefix { $0 != " " })
    }

    private static var systemName: String {
        let name = value("/etc/os-release", "PRETTY_NAME", separator: "=")?.replacingOccurrences(of: "\"", with: "") ?? "?"
        let kernel = text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)
        return "\(name), Linux \(kernel)"
    }

    private static func firstLine(of program: String) -> String {
        let path = NSTemporaryDirectory() + "version-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard (try? Command([program, "--version"]).run(standardOutput: path)) != nil else { return "\(program): unknown" }
        return text(path).split(separator: "\n").first.map(String.init) ?? "\(program): unknown"
    }

    private static func value(_ path: String, _ key: String, separator: Character = ":") -> String? {
        let line = text(path).split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(separator: separator, maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}

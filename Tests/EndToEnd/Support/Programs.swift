import Foundation

/// The locations of the programs that the tests run.
enum Program {
    /// The programs of this package, built with the tests.
    static let exporter = built("flashback-exporter")
    static let simulator = built("flashback-simulator")

    static func prometheus() throws -> URL { try named(by: "PROMETHEUS", or: "prometheus") }
    static func promtool() throws -> URL { try named(by: "PROMTOOL", or: "promtool") }
    static func chromium() throws -> URL { try named(by: "CHROMIUM", or: "chromium-headless-shell") }
    static func python() throws -> URL { try onPath("python3") }
    static func alertmanager() throws -> URL { try named(by: "ALERTMANAGER", or: "prometheus-alertmanager") }
    static func amtool() throws -> URL { try named(by: "AMTOOL", or: "amtool") }
    static func jsonnet() throws -> URL { try named(by: "JSONNET", or: "jsonnet") }
    static func kubectl() throws -> URL { try named(by: "KUBECTL", or: "kubectl") }
    static func systemdAnalyze() throws -> URL { try onPath("systemd-analyze") }
    static func setpriv() throws -> URL { try onPath("setpriv") }
    static func unshare() throws -> URL { try onPath("unshare") }
    static func curl() throws -> URL { try onPath("curl") }
    static func openssl() throws -> URL { try onPath("openssl") }
    static func zizmor() throws -> URL { try onPath("zizmor") }
    static func setsid() throws -> URL { try onPath("setsid") }

    /// A missing program that the tests need. The tests then fail, because a skipped test proves nothing.
    struct Missing: Error, CustomStringConvertible {
        let name: String
        var description: String { "\(name) is missing: run the tests with ./scripts/test.sh, which installs it" }
    }

    private static func built(_ name: String) -> URL {
        let tests = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
        return tests.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name)
    }

    private static func named(by variable: String, or name: String) throws -> URL {
        if let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty { return URL(filePath: path) }
        return try onPath(name)
    }

    private static func onPath(_ name: String) throws -> URL {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for directory in path.split(separator: ":") {
            let file = URL(filePath: String(directory)).appending(path: name)
            if FileManager.default.isExecutableFile(atPath: file.path(percentEncoded: false)) { return file }
        }
        throw Missing(name: name)
    }
}

internal import Foundation
internal import Measurement

/// A program that asks for the same again and again over one connection.
enum Client: String {
    /// What there is to measure servers with: it costs least itself.
    case wrk
    /// It is part of what is measured, and the servers seem closer to each other than they are.
    case curl

    /// wrk, when it is installed.
    static var best: Client {
        let directories = ProcessInfo.processInfo.environment["PATH", default: "/usr/bin"].split(separator: ":")
        return directories.contains { FileManager.default.isExecutableFile(atPath: $0 + "/wrk") } ? .wrk : .curl
    }

    /// - Parameters:
    ///   - headers: like `Accept-Encoding: gzip`.
    ///   - seconds: how long wrk asks.
    ///   - answers: how often curl asks.
    ///   - output: a file for what the program says.
    /// - Returns: how many answers came, and milliseconds for each.
    /// - Throws: `BenchmarkError` when not all of them are as they should be.
    func ask(
        _ url: String, headers: [String], seconds: Int, answers: Int, output: String
    ) throws -> (answers: Int, milliseconds: Double) {
        let fields = headers.flatMap { ["--header", $0] }
        switch self {
        case .wrk:
            _ = try Command(
                ["wrk", "--threads", "1", "--connections", "1", "--timeout", "60s", "--duration", "\(seconds)s"] + fields + [url]
            ).run(standardOutput: output)
            let report = try String(contentsOfFile: output, encoding: .utf8)
            guard !report.contains("Non-2xx"), !report.contains("Socket errors") else {
                throw BenchmarkError("wrk did not get what it asked for from \(url): \(report)")
            }
            // "  1234 requests in 5.01s, 1.07GB read"
            guard let line = report.split(separator: "\n").first(where: { $0.contains(" requests in ") }),
                let count = line.split(separator: " ").first.flatMap({ Int($0) }), count > 0,
                let rate = report.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
                let perSecond = rate.split(separator: " ").last.flatMap({ Double($0) })
            else { throw BenchmarkError("wrk got no answer from \(url) in \(seconds) seconds") }
            return (count, 1000 / perSecond)
        case .curl:
            let urls = Array(repeating: ["--output", "/dev/null", url], count: answers).flatMap(\.self)
            let cost = try Command(["curl", "--silent", "--fail"] + fields + urls).run(standardOutput: "/dev/null")
            return (answers, cost.wall / Double(answers) * 1000)
        }
    }
}

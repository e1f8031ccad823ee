import Foundation
import TestTools

extension RunningPrometheus {
    /// Runs Prometheus as an agent, which scrapes and writes but neither stores nor evaluates, while the body runs.
    /// - Parameter configuration: the text of its configuration file.
    static func agent<Result>(
        _ release: DebianRelease, _ configuration: String, _ body: (RunningPrometheus) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        let arguments = [
            // A separate flag since 3.0.
            release == .forky ? "--agent" : "--enable-feature=agent",
            "--config.file=\(try directory.write(configuration, to: "agent.yml"))",
            "--storage.agent.path=\(directory.path("data"))", "--web.listen-address=127.0.0.1:0",
        ]
        return try await RunningProcess.running(try release.prometheus(), arguments) { process in
            let result = try await body(RunningPrometheus(process: process, address: try await process.listeningAddress()))
            withExtendedLifetime(directory) {}
            return result
        }
    }

    /// The values of one of its own metrics.
    func ownMetric(_ name: String) async throws -> [Double] {
        try Metrics(try await HTTP.send("GET", "http://\(address)/metrics").text).values(name)
    }
}

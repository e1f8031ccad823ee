import Foundation
import TestTools

/// A real Prometheus that scrapes the targets of a test once a second.
struct RunningPrometheus {
    let process: RunningProcess
    let address: String

    struct Series: Decodable {
        let labels: [String: String]
        let value: Double

        private enum CodingKeys: String, CodingKey {
            case labels = "metric"
            case value
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            labels = try container.decode([String: String].self, forKey: .labels)
            var pair = try container.nestedUnkeyedContainer(forKey: .value)
            _ = try pair.decode(Double.self)
            let text = try pair.decode(String.self)
            guard let value = Double(text) else {
                throw DecodingError.dataCorruptedError(in: pair, debugDescription: "not a sample's value: \(text)")
            }
            self.value = value
        }
    }

    /// Runs Prometheus while the body runs.
    /// - Parameters:
    ///   - targets: the `host:port` of each target.
    ///   - settings: further lines of the scrape's configuration, without indentation.
    static func scraping<Result>(
        _ targets: [String], settings: [String] = [], _ body: (RunningPrometheus) async throws -> Result
    ) async throws -> Result {
        let list = targets.map { "\"\($0)\"" }.joined(separator: ", ")
        return try await running(
            """
            global:
              scrape_interval: 1s
            scrape_configs:
              - job_name: flashback
                static_configs:
                  - targets: [\(list)]\(settings.map { "\n    \($0)" }.joined())
            """, body)
    }

    /// Runs Prometheus while the body runs.
    /// - Parameters:
    ///   - configuration: the text of its configuration file.
    ///   - data: the data directory; nil for an empty one.
    ///   - flags: flags in addition to those that every test needs.
    ///   - program: the Prometheus to run; nil for the one that most tests use.
    static func running<Result>(
        _ configuration: String, data: String? = nil, flags: [String] = [], program: URL? = nil,
        _ body: (RunningPrometheus) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: "prometheus.yml")
        let arguments =
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(data ?? directory.path("data"))",
                "--web.listen-address=127.0.0.1:0",
            ] + flags
        return try await RunningProcess.running(try program ?? Program.prometheus(), arguments) { process in
            let listening = try await process.line(containing: "Listening on")
            guard let address = listening.firstMatch(of: /address=([0-9.]+:[0-9]+)/) else {
                throw HTTP.Failed(description: "Prometheus does not tell its port: \(listening)")
            }
            _ = try await process.line(containing: "Server is ready")
            let result = try await body(RunningPrometheus(process: process, address: String(address.1)))
            withExtendedLifetime(directory) {}
            return result
        }
    }

    /// The result of an instant query.
    func query(_ expression: String) async throws -> [Series] {
        struct Answer: Decodable {
            struct Data: Decodable {
                let result: [Series]
            }
            let data: Data
        }
        let answer = try await HTTP.send("POST", "http://\(address)/api/v1/query", form: ["query": expression])
        guard answer.status == 200 else { throw HTTP.Failed(description: "\(expression): \(answer.text)") }
        return try JSONDecoder().decode(Answer.self, from: answer.body).data.result
    }

    /// Repeats a query until the result is as expected: a scrape's samples become visible a while after the scrape.
    /// - Throws: an error that shows the latest result, after about three minutes.
    @discardableResult
    func query(_ expression: String, until isRight: ([Series]) -> Bool) async throws -> [Series] {
        var latest: [Series] = []
        for _ in 0..<900 {
            latest = try await query(expression)
            if isRight(latest) { return latest }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw HTTP.Failed(description: "\(expression) remains \(latest)")
    }

    /// Waits until the result is one series with a value, or none. A single query would not do: a scrape that a stalling machine answers
    /// too late leaves no series until the next one.
    func expect(_ expression: String, _ value: Double?) async throws {
        try await query(expression) { $0.map(\.value) == (value.map { [$0] } ?? []) }
    }

    /// Waits until every target has been scraped successfully.
    func allUp(_ count: Int) async throws {
        try await query("up") { $0.count == count && $0.allSatisfy { $0.value == 1 } }
    }
}

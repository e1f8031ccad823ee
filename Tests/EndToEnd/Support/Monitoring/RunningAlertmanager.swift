import Foundation
import TestTools

/// A real Alertmanager with the example configuration, except for its receivers and waiting times.
struct RunningAlertmanager {
    /// Where it listens, `host:port`.
    let address: String

    /// Where Debian's Alertmanager expects its template; the path is built in, wherever the program is.
    private static let template = "/usr/share/prometheus/alertmanager/default.tmpl"

    /// An alert as Alertmanager reports it.
    struct Alert: Decodable {
        struct Status: Decodable {
            let state: String
        }
        let labels: [String: String]
        let status: Status
    }

    /// Runs Alertmanager while the body runs.
    /// - Parameter receiver: the `host:port` that replaces the one in the example.
    static func notifying<Result>(
        _ receiver: String, _ body: (RunningAlertmanager) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        let configuration = try RepositoryFile("prometheus/alertmanager.yml").text()
            .replacing("localhost:9080", with: receiver)
            .replacing(/group_wait: [0-9]+s/, with: "group_wait: 1s")
            .replacing(/group_interval: [0-9]+m/, with: "group_interval: 1s")
        let file = try directory.write(configuration, to: "alertmanager.yml")
        let (program, prefix) = try command()
        let arguments =
            prefix + [
                "--config.file=\(file)", "--storage.path=\(directory.path("data"))", "--web.listen-address=127.0.0.1:0",
                // Without a cluster: it looks for no peers and opens no port for them.
                "--cluster.listen-address=",
            ]
        return try await RunningProcess.running(program, arguments) { process in
            let listening = try await process.line(containing: "Listening on")
            guard let address = listening.firstMatch(of: /address=([0-9.]+:[0-9]+)/) else {
                throw HTTP.Failed(description: "Alertmanager does not tell its port: \(listening)")
            }
            let running = RunningAlertmanager(address: String(address.1))
            try await eventually("Alertmanager is ready") { try await HTTP.send("GET", running.url("/-/ready")).status == 200 }
            let result = try await body(running)
            withExtendedLifetime(directory) {}
            return result
        }
    }

    /// The program and the arguments before its own. An Alertmanager that is unpacked but not installed gets its files mounted over
    /// `/usr/share`, in its own mount namespace.
    private static func command() throws -> (program: URL, arguments: [String]) {
        let program = try Program.alertmanager()
        let unpacked = program.deletingLastPathComponent().appending(path: "../share").standardized
        guard !FileManager.default.fileExists(atPath: template),
            FileManager.default.fileExists(
                atPath: unpacked.appending(path: "prometheus/alertmanager/default.tmpl").path(percentEncoded: false))
        else {
            return (program, [])
        }
        let script = #"mount -t overlay overlay -o lowerdir="$0":/usr/share /usr/share && exec "$@""#
        return (
            try Program.unshare(),
            [
                geteuid() == 0 ? "-m" : "-rm", "sh", "-c", script,
                unpacked.path(percentEncoded: false), program.path(percentEncoded: false),
            ]
        )
    }

    func url(_ path: String) -> String { "http://\(address)\(path)" }

    /// The alerts that it knows, including suppressed ones.
    func alerts() async throws -> [Alert] {
        try JSONDecoder().decode([Alert].self, from: try await HTTP.send("GET", url("/api/v2/alerts")).body)
    }

    /// Sends an alert to it.
    func add(_ labels: [String: String]) async throws {
        let arguments = ["alert", "add", "--alertmanager.url=\(url(""))"] + labels.map { "\($0.key)=\($0.value)" }
        let amtool = try await RunningProcess.finished(try Program.amtool(), arguments)
        guard amtool.end == .status(0) else { throw HTTP.Failed(description: amtool.errorText) }
    }
}

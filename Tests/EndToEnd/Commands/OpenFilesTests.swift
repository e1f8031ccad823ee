import FlashbackSimulator
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct OpenFilesTests {
    /// The smaller number is not even enough for the connections that the exporter allows by default.
    @Test(arguments: [64, 30])
    func idleConnectionsDoNotBlockOthersWhenFilesRunOut(_ files: Int) async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            // Both limits, so that the exporter cannot raise the soft one.
            try await RunningProcess.running(
                URL(filePath: "/bin/sh"),
                [
                    "-c", "ulimit -n \(files) && exec \"$0\" \"$@\"", Program.exporter.path(), "--web.listen-address",
                    "127.0.0.1:0",
                    "--flashback.url", simulator.url,
                ], environment: ["FLASHBACK_TOKEN": RunningExporter.token]
            ) { process in
                let line = try await process.line(containing: "msg=listening")
                let address = try #require(line.firstMatch(of: /address=([0-9.]+):([0-9]+)/))
                let port = try #require(Int(address.2))
                let silent = try (0..<200).map { _ in try SilentClient(port: port) }
                for _ in 0..<3 {
                    let answer = try await HTTP.send("GET", "http://127.0.0.1:\(port)/metrics")
                    #expect(answer.status == 200)
                }
                withExtendedLifetime(silent) {}
            }
        }
    }
}

import FlashbackSimulator
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct PrivilegeTests {
    @Test func servesWithoutCapabilities() async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningProcess.running(
                try Program.setpriv(),
                [
                    "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", Program.exporter.path(), "--flashback.url",
                    simulator.url, "--web.listen-address", "127.0.0.1:0", "--scrape.timeout", "5m",
                ], environment: ["FLASHBACK_TOKEN": RunningExporter.token]
            ) { process async throws in
                let line = try await process.line(containing: "msg=listening")
                let address = try #require(line.firstMatch(of: /address=([^ ]+)/)?.1)
                let status = try String(contentsOfFile: "/proc/\(process.identifier)/status", encoding: .utf8)
                #expect(status.contains("\nCapEff:\t0000000000000000\n"))
                let answer = try await HTTP.send("GET", "http://\(address)/metrics")
                #expect(try Metrics(answer.text).value("flashback_up") == 1)
            }
        }
    }
}

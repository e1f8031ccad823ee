import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct UpstreamConnectionTests {
    @Test func proxyComesFromTheEnvironment() async throws {
        let simulation = FlashbackSimulation.small()
        try await FlashbackSimulator.serving(simulation) { proxy in
            // The resolver itself refuses a label of more than 63 characters, so the result does not depend on name servers.
            let host = String(repeating: "a", count: 64) + ".invalid"
            let url = "http://\(host)"
            try await RunningExporter.running(
                url, ["--flashback.allow-insecure"], environment: ["http_proxy": proxy.url]
            ) { exporter in
                let metrics = try await exporter.scrape()
                #expect(metrics.value("flashback_up") == 1)
                #expect(metrics.series("flashback_bucket_info").count == 3)
            }
            #expect(simulation.requests.count(.listBuckets, status: 200) == 1)
            simulation.requests.reset()
            try await RunningExporter.running(
                url, ["--flashback.allow-insecure"],
                environment: ["http_proxy": proxy.url, "no_proxy": host]
            ) { exporter in
                #expect(try await exporter.scrape().value("flashback_up") == 0)
                _ = try await exporter.process.line(containing: "cannot resolve \(host)")
            }
            #expect(simulation.requests.received == 0)
        }
    }

    @Test func privateAuthorityIsTrustedOnlyWithCAFile() async throws {
        let authority = try await CertificateAuthority()
        let server = try await authority.issue("simulator", .server)
        let arguments = [
            "--web.listen-address", "127.0.0.1:0", "--tls.certificate-file", server.certificate, "--tls.key-file", server.key,
            "--token", RunningExporter.token, "--buckets", "3",
        ]
        try await RunningProcess.running(Program.simulator, arguments) { simulator in
            let listening = try await simulator.line(of: .output, containing: "Listening on https://")
            let url = try #require(listening.split(separator: " ").last.map(String.init))
            try await RunningExporter.running(url, ["--flashback.ca-file", authority.certificate]) { exporter in
                let metrics = try await exporter.scrape()
                #expect(metrics.value("flashback_up") == 1)
                #expect(metrics.series("flashback_bucket_info").count == 3)
            }
            try await RunningExporter.running(url) { exporter in
                let metrics = try await exporter.scrape()
                #expect(metrics.value("flashback_up") == 0)
                #expect(metrics.series("flashback_bucket_info").isEmpty)
                let line = try await exporter.process.line(containing: "collector=buckets")
                #expect(line.contains("level=warn"))
                #expect(line.contains("is not trusted"))
            }
        }
    }
}

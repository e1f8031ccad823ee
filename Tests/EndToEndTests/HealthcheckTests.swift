import Foundation
import TestSupport
import Testing

@Suite("The health check by the program itself", .timeLimit(.minutes(10)))
struct HealthcheckTests {
    private func check(_ arguments: [String], environment: [String: String] = [:]) async throws -> FinishedProcess {
        try await RunningProcess.finished(
            Program.exporter, ["healthcheck", "--timeout", "5m"] + arguments, environment: environment)
    }

    @Test("A running exporter is healthy, whatever proxy the environment names")
    func healthy() async throws {
        try await RunningExporter.runningDemo(["--buckets", "1"]) { exporter in
            let address = exporter.addresses[0]
            let proxy = "http://127.0.0.1:1"
            let finding = try await check(
                ["--web.listen-address", address], environment: ["http_proxy": proxy, "all_proxy": proxy, "ALL_PROXY": proxy])
            #expect(finding.end == .status(0), "\(finding.errorText)")
            #expect(finding.outputText == "healthy: http://\(address)/-/healthy answered 200\n")
            #expect(finding.errorText == "")
            // One that listens on every interface is asked over the loopback.
            let port = try #require(address.split(separator: ":").last)
            let everywhere = try await check(["--web.listen-address", ":\(port)"])
            #expect(everywhere.outputText == "healthy: http://127.0.0.1:\(port)/-/healthy answered 200\n")
        }
    }

    @Test("Over TLS it takes any certificate, and needs no password")
    func tls() async throws {
        let directory = try TemporaryDirectory()
        try await TestAuthority("authority", in: directory).issue("exporter", .server, names: "DNS:exporter.example")
        let file = try directory.write(
            """
            tls_server_config: {cert_file: exporter.pem, key_file: exporter.key}
            basic_auth_users: {prometheus: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze}
            """, to: "web.yml")
        try await RunningExporter.runningDemo(["--buckets", "1", "--web.config.file", file]) { exporter in
            let finding = try await check(["--web.listen-address", exporter.addresses[0], "--web.config.file", file])
            #expect(finding.end == .status(0), "\(finding.errorText)")
            #expect(finding.outputText == "healthy: https://\(exporter.addresses[0])/-/healthy answered 200\n")
            let plain = try await check(["--web.listen-address", exporter.addresses[0]])
            #expect(plain.end == .status(1))
        }
    }

    @Test("Where no exporter is, it says so in one line, with status 1")
    func unhealthy() async throws {
        try await RefusingPort.with { port in
            let finding = try await check(["--web.listen-address", "127.0.0.1:\(port)"])
            #expect(finding.end == .status(1))
            #expect(finding.outputText == "")
            #expect(finding.errorText == "not healthy: cannot connect to 127.0.0.1:\(port): Connection refused\n")
        }
    }

    @Test(
        "What cannot be asked is refused with status 2",
        arguments: [["--web.listen-address", "127.0.0.1:0"], ["--timeout", "0s"], ["--web.config.file", "/nowhere/web.yml"]])
    func mistakes(_ arguments: [String]) async throws {
        let finding = try await RunningProcess.finished(Program.exporter, ["healthcheck"] + arguments)
        #expect(finding.end == .status(2))
        #expect(finding.errorText.contains(arguments[0]), "\(finding.errorText)")
        #expect(finding.errorText.count { $0 == "\n" } == 1)
    }
}

import Foundation
import TestSupport
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct HealthcheckTests {
    private func check(_ arguments: [String], environment: [String: String] = [:]) async throws -> FinishedProcess {
        try await RunningProcess.finished(
            Program.exporter, ["healthcheck", "--timeout", "5m"] + arguments, environment: environment)
    }

    @Test func healthcheckIgnoresProxyVariables() async throws {
        try await RunningExporter.runningDemo(["--buckets", "1"]) { exporter in
            let address = exporter.addresses[0]
            let proxy = "http://127.0.0.1:1"
            let finding = try await check(
                ["--web.listen-address", address], environment: ["http_proxy": proxy, "all_proxy": proxy, "ALL_PROXY": proxy])
            #expect(finding.end == .status(0), "\(finding.errorText)")
            #expect(finding.outputText == "healthy: http://\(address)/-/healthy answered 200\n")
            #expect(finding.errorText == "")
            // An exporter that listens on every interface is reached over the loopback.
            let port = try #require(address.split(separator: ":").last)
            let everywhere = try await check(["--web.listen-address", ":\(port)"])
            #expect(everywhere.outputText == "healthy: http://127.0.0.1:\(port)/-/healthy answered 200\n")
        }
    }

    @Test func tlsNeedsNoTrustedCertificateAndNoPassword() async throws {
        let directory = try TemporaryDirectory()
        try await CertificateAuthority(in: directory).issue("exporter", .server, names: "DNS:exporter.example")
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

    @Test func unreachableExporterIsOneLineWithStatus1() async throws {
        try await RefusingPort.with { port in
            let finding = try await check(["--web.listen-address", "127.0.0.1:\(port)"])
            #expect(finding.end == .status(1))
            #expect(finding.outputText == "")
            #expect(finding.errorText == "not healthy: cannot connect to 127.0.0.1:\(port): Connection refused\n")
        }
    }

    @Test(
        arguments: [["--web.listen-address", "127.0.0.1:0"], ["--timeout", "0s"], ["--web.config.file", "/nowhere/web.yml"]])
    func invalidArgumentsEndWithStatus2(_ arguments: [String]) async throws {
        let finding = try await RunningProcess.finished(Program.exporter, ["healthcheck"] + arguments)
        #expect(finding.end == .status(2))
        #expect(finding.errorText.contains(arguments[0]), "\(finding.errorText)")
        #expect(finding.errorText.count { $0 == "\n" } == 1)
    }

    // MARK: The flags of a running exporter

    /// Runs an exporter that listens on a port given on its own command line.
    private static func listening(
        _ arguments: [String], _ body: (RunningProcess, _ address: String) async throws -> Void
    ) async throws {
        // The port is free when it is chosen; if another program takes it meanwhile, try another.
        for _ in 0..<10 {
            let port = try ListeningSocket(listens: false).port
            let address = "127.0.0.1:\(port)"
            let started: Bool = try await RunningProcess.running(
                Program.exporter, ["demo", "--buckets", "1", "--web.listen-address=\(address)"] + arguments
            ) { process in
                do { _ = try await process.line(containing: "msg=listening") } catch is MissingLine { return false }
                try await body(process, address)
                return true
            }
            if started { return }
        }
        Issue.record("no port remained free")
    }

    @Test func pidOptionUsesTheFlagsOfTheRunningExporter() async throws {
        let directory = try TemporaryDirectory()
        try await CertificateAuthority(in: directory).issue("exporter", .server, names: "DNS:exporter.example")
        let file = try directory.write(
            "tls_server_config: {cert_file: exporter.pem, key_file: exporter.key}\n", to: "web.yml")
        try await Self.listening(["--web.config.file", file]) { process, address in
            let pid = ["--pid", "\(process.identifier)"]
            let finding = try await check(pid)
            #expect(finding.end == .status(0), "\(finding.errorText)")
            #expect(finding.outputText == "healthy: https://\(address)/-/healthy answered 200\n")
            // As in a container, the check's environment is the exporter's; the exporter's flags take precedence.
            let variables = try await check(pid, environment: ["FLASHBACK_EXPORTER_WEB_LISTEN_ADDRESS": "127.0.0.1:1"])
            #expect(variables.end == .status(0), "\(variables.errorText)")
            try await RefusingPort.with { port in
                let own = try await check(pid + ["--web.listen-address", "127.0.0.1:\(port)"])
                #expect(own.end == .status(1))
                #expect(own.errorText.contains("127.0.0.1:\(port)"))
            }
        }
    }

    @Test func pidOfAnotherOrNoProcessEndsWithStatus2() async throws {
        let own = try await check(["--pid", "\(ProcessInfo.processInfo.processIdentifier)"])
        #expect(own.end == .status(2))
        #expect(own.errorText.hasSuffix("is not flashback-exporter\n"), "\(own.errorText)")
        let none = try await check(["--pid", "\(Int32.max)"])
        #expect(none.end == .status(2))
        #expect(none.errorText.contains("No such file or directory"), "\(none.errorText)")
    }
}

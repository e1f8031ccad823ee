import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

/// The program itself, with variables and a file.
@Suite struct ConfigurationProcessTests {
    @Test func configCheckAcceptsAValidConfigurationWithoutRequests() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("t0ken\n", to: "token")
            try folder.write("basic_auth_users: {}\n", to: "web.yml")
            try folder.write(
                """
                # Nothing listens there.
                flashback: {url: 'http://127.0.0.1:1'}
                web: {config: {file: web.yml}}
                accounts:
                - {name: a, token-file: token}
                - {name: b, token-file: token, url: 'http://127.0.0.1:2'}
                """, to: "exporter.yml")
            for command in [[], ["collect"], ["check"]] {
                let process = try await ExporterProcess.run(
                    command + ["--config.check"], environment: ["FLASHBACK_EXPORTER_CONFIG_FILE": folder.path("exporter.yml")])
                #expect(process.status == 0)
                #expect(process.output == "configuration: good\n")
                #expect(process.errors.isEmpty)
            }
        }
    }

    @Test func configCheckReportsUnusableFiles() async throws {
        try await TemporaryDirectory.with { folder in
            func expect(
                _ text: String, _ arguments: [String] = [], says: String, _ location: SourceLocation = #_sourceLocation
            ) async throws {
                try folder.write(text, to: "exporter.yml")
                let process = try await ExporterProcess.run(
                    ["--config.file", folder.path("exporter.yml"), "--config.check"] + arguments,
                    environment: ["FLASHBACK_TOKEN": "t0ken"])
                #expect(process.status == 2, sourceLocation: location)
                #expect(process.output.isEmpty, sourceLocation: location)
                #expect(process.errors.hasPrefix("flashback-exporter: error: "), sourceLocation: location)
                #expect(process.errors.filter(\.isNewline).count == 1, sourceLocation: location)
                #expect(process.errors.contains(says), "\(process.errors)", sourceLocation: location)
            }
            let path = folder.path("exporter.yml")
            try folder.write("key: x", to: "web.yml")
            try await expect("web: {listen-adress: x}", says: "\(path):1:7: web has no key \"listen-adress\"")
            try await expect("web: {config: {file: web.yml}}", says: "--web.config.file: \(folder.path("web.yml"))")
            try await expect(
                "flashback: {token-file: none}", says: "--flashback.token-file: cannot read the file \(folder.path("none"))")
            try await expect("flashback: {token-file: none}", says: "(--flashback.token-file is set at \(path):1:25)")
            try await expect("flashback: {ca-file: none.pem}", says: "(--flashback.ca-file is set at \(path):1:22)")
            try await expect("log: {level: loud}", says: "(--log.level is set at \(path):1:14)")
        }
    }

    @Test func unreadableTokenErrorNamesTheAccount() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("accounts: [{name: b, token-file: none}]", to: "exporter.yml")
            let process = try await ExporterProcess.run(["--config.check", "--config.file=\(folder.path("exporter.yml"))"])
            #expect(process.status == 2)
            #expect(
                process.errors.contains(#"account "b": --flashback.token-file: cannot read the file \#(folder.path("none"))"#))
        }
    }

    @Test func subcommandsAcceptKeysTheyDoNotUse() async throws {
        try await TemporaryDirectory.with { folder in
            let simulation = FlashbackSimulation()
            try folder.write(
                "web: {max-requests: 3, config: {file: none.yml}}\ncollector: {daily: false, yesterday: {enabled: false, ttl: 1m}}",
                to: "exporter.yml")
            let process = try await FlashbackSimulator.serving(simulation) { simulator in
                try await ExporterProcess.run(
                    ["collect"],
                    environment: [
                        "FLASHBACK_TOKEN": simulation.issueTokens().accessToken,
                        "FLASHBACK_EXPORTER_CONFIG_FILE": folder.path("exporter.yml"),
                        "FLASHBACK_EXPORTER_FLASHBACK_URL": simulator.url,
                        "FLASHBACK_EXPORTER_FLASHBACK_CONNECT_TIMEOUT": "2m",
                        "FLASHBACK_EXPORTER_FLASHBACK_TIMEOUT": "5m",
                        // Used by the server only.
                        "FLASHBACK_EXPORTER_COLLECT_MODE": "background",
                        // Kubernetes sets these for a service of the exporter's name.
                        "FLASHBACK_EXPORTER_SERVICE_HOST": "10.0.0.1", "FLASHBACK_EXPORTER_PORT": "tcp://10.0.0.1:10420",
                    ])
            }
            #expect(process.status == 0, "\(process.errors)")
            let page = try ParsedExposition(Array(process.output.utf8))
            #expect(page.value("flashback_up") == 1)
            #expect(page.value("flashback_collector_success", ["collector": "status"]) == 1)
            #expect(page.value("flashback_collector_success", ["collector": "daily"]) == nil)
            #expect(page.value("flashback_collector_success", ["collector": "yesterday"]) == nil)
        }
    }

    @Test(
        arguments: [[], ["collect"], ["check"], ["demo"]])
    func everyCommandRefusesUnknownVariables(_ command: [String]) async throws {
        for name in ["FLASHBACK_EXPORTER_OUTPUT", "FLASHBACK_EXPORTER_LOG_LEVLE", "FLASHBACK_EXPORTER_CONFIG_CHECK"] {
            let process = try await ExporterProcess.run(command, environment: ["FLASHBACK_TOKEN": "t", name: "x"])
            #expect(process.status == 2)
            #expect(process.errors.contains(name), "\(process.errors)")
            #expect(process.errors.filter(\.isNewline).count == 1)
        }
    }

    @Test func secretInAVariableIsRefusedWithoutRepeatingIt() async throws {
        for name in ["FLASHBACK_EXPORTER_FLASHBACK_TOKEN", "FLASHBACK_EXPORTER_FLASHBACK_PASSWORD"] {
            let process = try await ExporterProcess.run([], environment: [name: "c4nary"])
            #expect(process.status == 2)
            #expect(process.errors.contains("\(name): a "))
            #expect(!process.errors.contains("c4nary"))
        }
    }

    @Test(arguments: [["--help"], ["help", "collect"], ["--version"]])
    func helpAndVersionWorkWithAnInvalidConfiguration(_ arguments: [String]) async throws {
        let process = try await ExporterProcess.run(
            arguments, environment: ["FLASHBACK_EXPORTER_X": "1", "FLASHBACK_EXPORTER_CONFIG_FILE": "/nonexistent"])
        #expect(process.status == 0)
        #expect(process.errors.isEmpty)
        if arguments != ["--version"] { #expect(process.output.contains("[$FLASHBACK_EXPORTER_LOG_LEVEL]")) }
    }
}

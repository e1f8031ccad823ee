import Exposition
import Foundation
import TestSupport
import TestTools
import Testing

@testable import ExporterWeb

@Suite struct ReloadingWebConfigurationTests {
    private let time = ManualTime()
    private let log = RecordedLog()

    private func samples(_ configuration: ReloadingWebConfiguration) throws -> (success: Double?, timestamp: Double?) {
        let text = MetricSnapshot(ReloadFamilies.rendered(exporter: nil, web: configuration.report))
        let parsed = try ParsedExposition(text.body(in: .text).bytes)
        return (
            parsed.value("flashback_exporter_config_last_reload_successful"),
            parsed.value("flashback_exporter_config_last_reload_success_timestamp_seconds")
        )
    }

    @Test func changedFileIsReadOnceItHasSettled() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write(rateLimit(burst: 1), to: "web.yml")
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log)
            let start = time.now.timeIntervalSince1970
            #expect(try samples(configuration) == (1, start))
            configuration.check()
            #expect(configuration.policy.rateLimit?.burst == 1)

            try folder.write(rateLimit(burst: 22), to: "web.yml")
            time.advance(by: .seconds(1))
            configuration.check()
            #expect(configuration.policy.rateLimit?.burst == 1)
            // The file was incomplete.
            try folder.write(rateLimit(burst: 333), to: "web.yml")
            configuration.check()
            #expect(configuration.policy.rateLimit?.burst == 1)
            configuration.check()
            #expect(configuration.policy.rateLimit?.burst == 333)
            #expect(try samples(configuration) == (1, start + 1))
            #expect(log.lines == ["info reloaded the web configuration file=\(folder.path("web.yml"))"])
            configuration.check()
            configuration.check()
            #expect(log.lines.count == 1)
        }
    }

    @Test func invalidFileKeepsThePreviousConfigurationAndIsLoggedOnce() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write(rateLimit(burst: 1), to: "web.yml")
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log)
            let start = time.now.timeIntervalSince1970
            try folder.write("rate_limit: {interval: canary}\n", to: "web.yml")
            for _ in 0..<5 {
                time.advance(by: .seconds(1))
                configuration.check()
            }
            #expect(configuration.policy.rateLimit?.burst == 1)
            #expect(try samples(configuration) == (0, start))
            #expect(
                log.lines == [
                    "warning cannot load the web configuration; keeping the previous one error=\(folder.path("web.yml")): line 1, column 24: interval must be a duration such as 1s, 500ms or 1m30s, or 0 for no limit"
                ])
            // Another mistake is said again, and so is the file's absence.
            try folder.write("rate_limits: {}\n", to: "web.yml")
            for _ in 0..<3 { configuration.check() }
            #expect(log.lines.count == 2)
            try FileManager.default.removeItem(atPath: folder.path("web.yml"))
            for _ in 0..<3 { configuration.check() }
            #expect(log.lines.last?.hasSuffix("error=cannot read \(folder.path("web.yml")): No such file or directory") == true)
            #expect(log.lines.count == 3)
            #expect(configuration.policy.rateLimit?.burst == 1)
            // Back to what it was.
            try folder.write(rateLimit(burst: 4444), to: "web.yml")
            for _ in 0..<2 { configuration.check() }
            #expect(configuration.policy.rateLimit?.burst == 4444)
            #expect(try samples(configuration).success == 1)
            #expect(log.lines.count == 4)
        }
    }

    @Test func warningsAreLoggedAtTheStartAndOnReload() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("rate_limit: {interval: 1s}\n", to: "web.yml")
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log)
            let warning = "warning questionable web configuration warning=\(folder.path("web.yml")): line 1"
            #expect(log.lines.count == 1 && log.lines[0].hasPrefix(warning))
            try folder.write("rate_limit: {interval: 2s}\n# changed\n", to: "web.yml")
            for _ in 0..<3 { configuration.check() }
            #expect(log.lines(with: warning).count == 2)
        }
    }

    @Test func servicePollsOnceASecondAndStops() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write(rateLimit(burst: 1), to: "web.yml")
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log)
            let running = Task { try await configuration.run() }
            await time.clock.waitForSleepers()
            try folder.write(rateLimit(burst: 22), to: "web.yml")
            for _ in 0..<2 {
                time.advance(by: .seconds(1))
                await time.clock.waitForSleepers()
            }
            #expect(configuration.policy.rateLimit?.burst == 22)
            running.cancel()
            try await running.value
            #expect("\(configuration)" == "ReloadingWebConfiguration(\(folder.path("web.yml")))")
        }
    }

    @Test func missingFileIsAnError() async throws {
        try await TemporaryDirectory.with { folder in
            #expect(throws: WebConfigurationError("cannot read \(folder.path("web.yml")): No such file or directory")) {
                try LoadedWebConfiguration(path: folder.path("web.yml"))
            }
            #expect(throws: WebConfigurationError("cannot read \(folder.path()): Is a directory")) {
                try LoadedWebConfiguration(path: folder.path())
            }
        }
    }

    @Test func referencedFilesAreValidatedOnLoad() async throws {
        try await TemporaryDirectory.with { folder in
            let tls = "tls_server_config: {cert_file: server.crt, key_file: sub/server.key}\n"
            try folder.write(tls, to: "web.yml")
            let file = folder.path("web.yml")
            func error() -> String? {
                do throws(WebConfigurationError) {
                    _ = try LoadedWebConfiguration(path: file)
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            #expect(
                error()
                    == "\(file): line 1, column 32: cert_file: cannot read \(folder.path("server.crt")): No such file or directory"
            )
            try folder.write("canary", to: "server.crt")
            #expect(
                error()
                    == "\(file): line 1, column 32: cert_file: no certificate in PEM format (-----BEGIN CERTIFICATE-----)")
            try folder.write("tls_server_config: {cert: canary, key: canary}", to: "web.yml")
            #expect(
                error() == "\(file): line 1, column 27: cert: no certificate in PEM format (-----BEGIN CERTIFICATE-----)")
        }
    }
}

import Exposition
import Foundation
import NIOConcurrencyHelpers
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
            // A different mistake is logged again, and so is a missing file.
            try folder.write("rate_limits: {}\n", to: "web.yml")
            for _ in 0..<3 { configuration.check() }
            #expect(log.lines.count == 2)
            try FileManager.default.removeItem(atPath: folder.path("web.yml"))
            for _ in 0..<3 { configuration.check() }
            #expect(log.lines.last?.hasSuffix("error=cannot read \(folder.path("web.yml")): No such file or directory") == true)
            #expect(log.lines.count == 3)
            #expect(configuration.policy.rateLimit?.burst == 1)
            // Back to the previous content.
            try folder.write(rateLimit(burst: 4444), to: "web.yml")
            for _ in 0..<2 { configuration.check() }
            #expect(configuration.policy.rateLimit?.burst == 4444)
            #expect(try samples(configuration).success == 1)
            #expect(log.lines.count == 4)
        }
    }

    /// Each attempt costs memory: the TLS library does not release what it has loaded when key and certificate do not match.
    @Test func mistakeIsLoadedOnceUntilAFileChanges() async throws {
        try await TemporaryDirectory.with { folder in
            try await ServerCertificate.write(to: folder)
            let right = try folder.text(of: "server.key")
            try folder.write("tls_server_config: {cert_file: server.crt, key_file: server.key}\n", to: "web.yml")
            let loads = NIOLockedValueBox(0)
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log) {
                path, files throws(WebConfigurationError) in
                loads.withLockedValue { $0 += 1 }
                return try LoadedWebConfiguration(path: path, &files)
            }
            func check(times: Int) {
                for _ in 0..<times {
                    time.advance(by: .seconds(1))
                    configuration.check()
                }
            }
            try await CertificateAuthority(in: folder).issue("other", .server)
            for (number, key) in [try folder.text(of: "other.key"), "canary", right + "\n"].enumerated() {
                try folder.write(key, to: "server.key")
                check(times: 600)
                #expect(loads.withLockedValue { $0 } == number + 1)
                #expect(configuration.report.isSuccessful == (number == 2))
            }
        }
    }

    @Test func unreadableFileIsReadAgainLessAndLessOften() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write(rateLimit(burst: 1), to: "web.yml")
            try FileManager.default.createDirectory(atPath: folder.path("directory"), withIntermediateDirectories: false)
            let start = time.uptime
            let loads = NIOLockedValueBox<[Duration]>([])
            let fails = NIOLockedValueBox(true)
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log) {
                [time] path, files throws(WebConfigurationError) in
                loads.withLockedValue { $0.append(time.uptime - start) }
                let loaded = try LoadedWebConfiguration(path: path, &files)
                // A read error that passes without a change of the files.
                if fails.withLockedValue({ $0 }) { _ = try files.read(folder.path("directory")) }
                return loaded
            }
            func check(until end: Duration) {
                while time.uptime - start < end {
                    time.advance(by: .seconds(1))
                    configuration.check()
                }
            }
            try folder.write(rateLimit(burst: 22), to: "web.yml")
            check(until: .seconds(200))
            #expect(loads.withLockedValue { $0 } == [2, 3, 5, 9, 17, 33, 65, 125, 185].map { .seconds($0) })
            #expect(log.lines.count == 1)
            fails.withLockedValue { $0 = false }
            check(until: .seconds(300))
            #expect(loads.withLockedValue { $0.count } == 10)
            #expect(configuration.policy.rateLimit?.burst == 22)
            #expect(configuration.report.isSuccessful)
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

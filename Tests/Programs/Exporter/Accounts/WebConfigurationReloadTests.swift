import FlashbackSimulator
import HTTPTypes
import TestSupport
import TestTools
import Testing

@testable import ExporterWeb
@testable import FlashbackExporter

/// The web configuration of an exporter whose settings are reloaded.
@Suite(.timeLimit(.minutes(5))) struct WebConfigurationReloadTests {
    private let time = ManualTime()

    /// Runs an exporter with a web configuration file while the body runs.
    /// - Parameter body: receives a function that reloads the exporter with another file, or without one.
    private func running(
        _ file: LoadedWebConfiguration,
        _ body: @Sendable (RunningAccounts, _ reload: (LoadedWebConfiguration?) async -> Void) async throws -> Void
    ) async throws {
        try await FlashbackSimulator.serving(.account(time: time)) { [time] simulator in
            var settings = try ExporterSettings.of(AccountSettings(nil, simulator))
            settings.web.configurationFile = file
            let written = WrittenSettings(settings)
            try await RunningAccounts.running(settings, time: time, reload: { try written.read() }) { running in
                try await body(running) { file in
                    settings.web.configurationFile = file
                    written.write(settings)
                    #expect(await running.configuration.reload() == .active)
                }
            }
        }
    }

    /// Expects that a file without users does not replace one with users.
    private func expectRefusal(of running: RunningAccounts) {
        #expect(!running.configuration.policy.users.isEmpty)
        #expect(
            running.log.lines(with: "needs a restart") == [
                "warning a changed setting needs a restart flag=--web.config.file reason=passwords cannot be turned off (basic_auth_users is missing) while the exporter runs; restart it"
            ])
    }

    @Test func webConfigurationFileCanBeReplacedButNotItsUseOfTLS() async throws {
        try await TemporaryDirectory.with { folder in
            func file(_ name: String, _ text: String) throws -> LoadedWebConfiguration {
                try folder.write(text, to: name)
                return try LoadedWebConfiguration(path: folder.path(name))
            }
            let first = try file("first", "http_server_config: {headers: {X-Frame-Options: deny}}\n")
            let second = try file("second", "http_server_config: {headers: {X-Frame-Options: sameorigin}}\n")
            try await running(first) { running, reload in
                func fields() -> [String] { running.configuration.policy.headerFields.map(\.value) }
                #expect(fields() == ["deny"])
                await reload(second)
                #expect(fields() == ["sameorigin"])
                let page = try await running.scrape()
                #expect(page.value("flashback_exporter_config_last_reload_successful", ["configuration": "web"]) == 1)
                await reload(nil)
                #expect(fields() == ["sameorigin"])
                #expect(running.log.lines(with: "flag=--web.config.file").count == 1)
            }
        }
    }

    @Test func webConfigurationFileWithoutUsersIsRefused() async throws {
        try await TemporaryDirectory.with { folder in
            func file(_ text: String) throws -> LoadedWebConfiguration {
                try folder.write(text, to: "web.yml")
                return try LoadedWebConfiguration(path: folder.path("web.yml"))
            }
            let hash = "$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq"
            let first = try file("basic_auth_users: {dave: \(hash)}\n")
            let cutOff = try file("")
            try await running(first) { running, reload in
                await reload(cutOff)
                expectRefusal(of: running)
            }
        }
    }

    /// The watcher, which reads the file once a second, may know more restrictions than the settings as of the start.
    @Test func reloadKeepsRestrictionsOfTheWatchedFile() async throws {
        try await TemporaryDirectory.with { folder in
            let path = try folder.write("", to: "web.yml")
            try await running(try LoadedWebConfiguration(path: path)) { running, reload in
                let watcher = try #require(running.configuration.services.first as? ReloadingWebConfiguration)
                func write(_ text: String) throws {
                    try folder.write(text, to: "web.yml")
                    for _ in 0..<2 { watcher.check() }
                }
                try write("basic_auth_users: {dave: $2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq}\n")
                #expect(!running.configuration.policy.users.isEmpty)
                try write("rate_limit: {interval: 0}\n")
                #expect(running.log.lines(with: "passwords cannot be turned off").count == 1)
                await reload(try LoadedWebConfiguration(path: path))
                expectRefusal(of: running)
            }
        }
    }

    @Test func configurationIsReleasedAfterItsEnd() async throws {
        try await TemporaryDirectory.with { folder in
            var settings = try ExporterSettings.of()
            settings.web.configurationFile = try LoadedWebConfiguration(path: folder.write("", to: "web.yml"))
            weak var watcher: ReloadingWebConfiguration?
            do {
                let logger = RecordedLog().logger
                let accounts = try await AccountSet([], time: time.source, logger: logger)
                let configuration = RunningConfiguration(
                    settings, accounts: accounts, time: time.source, logger: logger, read: nil)
                watcher = configuration.services.first as? ReloadingWebConfiguration
                #expect(watcher != nil)
            }
            #expect(watcher == nil)
        }
    }
}

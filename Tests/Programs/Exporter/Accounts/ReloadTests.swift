import Configuration
import ExporterWeb
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

@testable import FlashbackExporter

/// Reloads of the configuration while the exporter runs.
@Suite(.timeLimit(.minutes(5))) struct ReloadTests {
    private let time = ManualTime()

    /// Runs two accounts, `kept` and `other`, whose configuration can be rewritten.
    private func running<Result: Sendable>(
        _ kept: FlashbackSimulation, _ other: FlashbackSimulation,
        _ body:
            @escaping @Sendable (RunningAccounts, WrittenSettings, (kept: FlashbackSimulator, other: FlashbackSimulator))
            async throws -> Result
    ) async throws -> Result {
        try await FlashbackSimulation.serving(kept, other) { [time] first, second in
            var settings = try ExporterSettings.of(AccountSettings("kept", first), AccountSettings("other", second))
            settings.enablesLifecycle = true
            let written = WrittenSettings(settings)
            return try await RunningAccounts.running(settings, time: time, reload: { try written.read() }) { running in
                _ = try await running.scrape()
                return try await body(running, written, (first, second))
            }
        }
    }

    private func lists(_ simulator: FlashbackSimulator) -> Int { simulator.simulation.requests.count(.listBuckets) }

    // MARK: Accounts

    @Test func unchangedAccountKeepsItsData() async throws {
        try await running(.account(time: time), .account(seed: 2, time: time)) { running, _, simulators in
            let before = await running.lines(of: "kept") + running.lines(of: "other")
            #expect(await running.configuration.reload() == .active)
            #expect(await running.lines(of: "kept") + running.lines(of: "other") == before)
            #expect(lists(simulators.kept) == 1 && lists(simulators.other) == 1)
            let line = try #require(running.log.lines(with: "reloaded the configuration").first)
            #expect(line.contains("accounts_added=0 accounts_changed=0 accounts_removed=0 accounts_unchanged=2"))
        }
    }

    @Test func changedAccountRestartsAndOthersContinue() async throws {
        try await running(.account(time: time), .account(seed: 2, time: time)) { running, written, simulators in
            let before = await running.lines(of: "kept")
            var settings = try written.read()
            settings.accounts[1] = try AccountSettings("other", simulators.other, concurrency: 3)
            written.write(settings)
            #expect(await running.configuration.reload() == .active)
            let page = try await running.scrape()
            #expect(page.value("flashback_api_concurrency_limit", ["account": "other"]) == 3)
            #expect(lists(simulators.other) == 2)
            // Its counters restart.
            #expect(
                page.value("flashback_api_requests_total", ["account": "other", "endpoint": "GET /bucket", "code": "200"]) == 1)
            #expect(await running.lines(of: "kept") == before)
            #expect(lists(simulators.kept) == 1)
            #expect(running.log.lines(with: "accounts_changed=1").count == 1)
        }
    }

    @Test func accountsAreAddedAndRemovedInAnyOrder() async throws {
        try await running(.account(time: time), .account(seed: 2, time: time)) { running, written, simulators in
            let before = await running.lines(of: "kept")
            var settings = try written.read()
            settings.accounts = [try AccountSettings("new", simulators.other), settings.accounts[0]]
            written.write(settings)
            #expect(await running.configuration.reload() == .active)
            let page = try await running.scrape()
            #expect(page.value("flashback_up", ["account": "new"]) == 1)
            #expect(page.samples("flashback_bucket_info", ["account": "new"]).count == 3)
            #expect(!page.labelValues.contains("other"))
            #expect(await running.lines(of: "kept") == before)
            #expect(lists(simulators.kept) == 1)
            #expect(await running.ask("/metrics?account[]=new").status == .ok)
            #expect(await running.ask("/metrics?account[]=other").status == .badRequest)
            #expect(running.log.lines(with: "accounts_added=1 accounts_changed=0 accounts_removed=1").count == 1)
        }
    }

    @Test func staysReadyWhileANewAccountIsFirstRead() async throws {
        let other = FlashbackSimulation.account(seed: 2, time: time)
        try await running(.account(time: time), other) { running, written, simulators in
            #expect(await running.ask("/-/ready").status == .ok)
            other.faults.add(.hang)
            var settings = try written.read()
            settings.accounts.append(try AccountSettings("new", simulators.other))
            written.write(settings)
            #expect(await running.configuration.reload() == .active)
            #expect(await running.ask("/-/ready").status == .ok)
        }
    }

    @Test func runningScrapeKeepsARemovedAccount() async throws {
        let clock = ManualClock()
        let other = FlashbackSimulation.account(seed: 2, time: time, clock: clock)
        try await running(.account(time: time), other) { [time] running, written, simulators in
            other.configuration.latency = .seconds(1)
            // Both are due, and the answers of one take a second of its clock, which is not advanced yet.
            time.advance(by: .seconds(100))
            async let scrape = running.scrape()
            // The list and the totals are requested at once.
            await clock.waitForSleepers(2)
            var settings = try written.read()
            settings.accounts.removeLast()
            written.write(settings)
            #expect(await running.configuration.reload() == .active)
            other.configuration.latency = .zero
            clock.advance(by: .seconds(1))
            let page = try await scrape
            #expect(page.value("flashback_up", ["account": "other"]) == 1)
            #expect(page.samples("flashback_bucket_info", ["account": "other"]).count == 3)
            let after = try await running.scrape()
            #expect(!after.labelValues.contains("other"))
        }
    }

    // MARK: Unusable input

    private func staysInForce(_ running: RunningAccounts, _ before: [Substring], reason: String) async throws {
        #expect(await running.configuration.reload() == .refused(reason))
        let response = await running.ask("/-/reload", .post)
        #expect(response.status == .internalServerError)
        #expect(String(decoding: response.body.bytes, as: UTF8.self) == "failed to reload config: \(reason)\n")
        #expect(await running.lines(of: "kept") + running.lines(of: "other") == before)
        #expect(
            try await running.scrape().value("flashback_exporter_config_last_reload_successful", ["configuration": "exporter"])
                == 0)
        let line = "error cannot load the new configuration; keeping the previous one err=\(reason)"
        #expect(running.log.lines(with: "cannot load the new configuration") == [line, line])
    }

    @Test func invalidConfigurationKeepsThePreviousOne() async throws {
        try await running(.account(time: time), .account(seed: 2, time: time)) { [time] running, written, _ in
            let before = await running.lines(of: "kept") + running.lines(of: "other")
            let settings = try written.read()
            let start = time.now.timeIntervalSince1970
            time.advance(by: .seconds(1))
            written.spoil("config.yml: line 3: no key is called \"colector\"")
            try await staysInForce(running, before, reason: "config.yml: line 3: no key is called \"colector\"")
            let page = try await running.scrape()
            #expect(
                page.value("flashback_exporter_config_last_reload_success_timestamp_seconds", ["configuration": "exporter"])
                    == start)

            written.write(settings)
            #expect(await running.ask("/-/reload", .post).status == .ok)
            let repaired = try await running.scrape()
            #expect(repaired.value("flashback_exporter_config_last_reload_successful", ["configuration": "exporter"]) == 1)
            #expect(
                repaired.value("flashback_exporter_config_last_reload_success_timestamp_seconds", ["configuration": "exporter"])
                    == start + 1)
        }
    }

    @Test func oneInvalidAccountKeepsAllAccounts() async throws {
        try await running(.account(time: time), .account(seed: 2, time: time)) { running, written, simulators in
            let before = await running.lines(of: "kept") + running.lines(of: "other")
            var settings = try written.read()
            settings.accounts = [
                try AccountSettings("new", simulators.kept), try AccountSettings("kept", simulators.kept, concurrency: 2),
                try AccountSettings("broken", simulators.other, credentials: .refreshTokenFile(path: "/nonexistent/token")),
            ]
            settings.web.scrapeTimeout = ScrapeTimeout(maximum: .seconds(1))
            written.write(settings)
            try await staysInForce(
                running, before,
                reason: #"account "broken": --flashback.refresh-token-file: cannot read the file /nonexistent/token: "#
                    + "No such file or directory")
            #expect(running.configuration.web.scrapeTimeout == ScrapeTimeout())
            #expect(lists(simulators.kept) == 1)
        }
    }

    // MARK: Other settings

    @Test func reloadableSettingsChangeAndOthersAskForARestart() async throws {
        try await running(.account(time: time), .account(seed: 2, time: time)) { running, written, _ in
            var settings = try written.read()
            settings.web.maximumRequests = 7
            settings.web.scrapeTimeout = ScrapeTimeout(maximum: .seconds(3), offset: .zero)
            settings.web.listenAddresses = [ListenAddress(host: nil, port: 1)]
            settings.web.maximumConnections = 9
            settings.web.telemetryPath = "/elsewhere"
            settings.web.usesSystemdSocket = true
            settings.log.level = .error
            settings.enablesLifecycle = false
            written.write(settings)
            #expect(await running.ask("/-/reload", .post).status == .ok)
            #expect(running.configuration.web.maximumRequests == 7)
            #expect(running.configuration.web.scrapeTimeout == ScrapeTimeout(maximum: .seconds(3), offset: .zero))
            #expect(await running.ask("/metrics").status == .ok)
            #expect(await running.ask("/-/reload", .post).status == .forbidden)
            let flags = running.log.lines(with: "needs a restart").compactMap { $0.split(separator: "flag=").last }
            #expect(
                Set(flags) == [
                    "--web.listen-address", "--web.max-connections", "--web.telemetry-path", "--web.systemd-socket",
                    "--log.level",
                ])
            #expect(flags.count == 5)
            // The next reload reports the setting again, since it is still not applied.
            #expect(await running.configuration.reload() == .active)
            #expect(running.log.lines(with: "needs a restart").count == 10)
        }
    }

    @Test func simultaneousReloadsRunOneAfterTheOther() async throws {
        let readers = NIOLockedValueBox((now: 0, most: 0, all: 0))
        try await FlashbackSimulator.serving(.account(time: time)) { [time] simulator in
            let settings = try ExporterSettings.of(AccountSettings(nil, simulator))
            let read: @Sendable () throws -> ExporterSettings = {
                readers.withLockedValue { readers in
                    readers.now += 1
                    readers.all += 1
                    readers.most = max(readers.most, readers.now)
                }
                defer { readers.withLockedValue { $0.now -= 1 } }
                return settings
            }
            try await RunningAccounts.running(settings, time: time, reload: read) { running in
                await withTaskGroup { group in
                    for _ in 0..<20 { group.addTask { _ = await running.configuration.reload() } }
                }
                #expect(readers.withLockedValue { $0.all } == 20)
                #expect(readers.withLockedValue { $0.most } == 1)
                #expect(running.log.lines(with: "reloaded the configuration").count == 20)
            }
        }
    }
}

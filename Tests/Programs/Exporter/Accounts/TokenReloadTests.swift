import ExporterWeb
import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@testable import FlashbackExporter

/// Reloads that change an account whose refresh token may be valid for one use only.
@Suite(.timeLimit(.minutes(5))) struct TokenReloadTests {
    private let time = ManualTime()

    /// An exporter with one account, and a test's operations on it.
    private struct Fixture: Sendable {
        let running: RunningAccounts
        let written: WrittenSettings
        let simulator: FlashbackSimulator
        let folder: TemporaryDirectory
        let time: ManualTime
        let clock: ManualClock

        /// Writes a configuration with another limit.
        /// - Parameter path: another name for the token's file.
        func change(concurrency: Int, path: String = "refresh-token") throws {
            let credentials = Credentials.refreshTokenFile(path: folder.path(path))
            written.write(try .of(AccountSettings("one", simulator, credentials: credentials, concurrency: concurrency)))
        }

        /// Scrapes the account after its token's hour is over.
        func scrapeAfterAnHour() async throws -> ParsedExposition {
            time.advance(by: .seconds(3601))
            return try await running.scrape()
        }

        /// Reloads during a renewal whose answer takes a second.
        /// - Returns: the outcome, and the scrape that waited for the renewal.
        func reloadDuringARenewal() async throws -> (outcome: ReloadOutcome, page: ParsedExposition) {
            time.advance(by: .seconds(3601))
            simulator.simulation.faults.add(.delay(.seconds(1)), to: .refresh, times: 1)
            async let page = running.scrape()
            await clock.waitForSleepers(1)
            async let outcome = running.configuration.reload()
            for _ in 0..<1000 { await Task.yield() }
            clock.advance(by: .seconds(1))
            return (await outcome, try await page)
        }

        var refusal: ReloadOutcome {
            .refused(
                #"account "one": --flashback.refresh-token-file: the new refresh token could not be saved and would be lost; "#
                    + "make room or make its directory writable, then reload again")
        }

        /// Root may write everywhere, but cannot replace a directory with a file.
        func forbidWriting() throws {
            try FileManager.default.createDirectory(
                atPath: folder.path("refresh-token.new/in the way"), withIntermediateDirectories: true)
        }

        func allowWriting() throws { try FileManager.default.removeItem(atPath: folder.path("refresh-token.new")) }
    }

    private func running(_ body: @escaping @Sendable (Fixture) async throws -> Void) async throws {
        let clock = ManualClock()
        let simulation = FlashbackSimulation.account(time: time, clock: clock)
        try await TemporaryDirectory.with { folder in
            try folder.write(simulation.issueTokens().refreshToken, to: "refresh-token")
            let credentials = Credentials.refreshTokenFile(path: folder.path("refresh-token"))
            try await FlashbackSimulator.serving(simulation) { [time] simulator in
                let settings = try ExporterSettings.of(AccountSettings("one", simulator, credentials: credentials))
                let written = WrittenSettings(settings)
                try await RunningAccounts.running(settings, time: time, reload: { try written.read() }) { running in
                    #expect(try await running.scrape().value("flashback_up") == 1)
                    try await body(
                        Fixture(
                            running: running, written: written, simulator: simulator, folder: folder, time: time, clock: clock))
                }
            }
        }
    }

    @Test(arguments: ["refresh-token", "./refresh-token", "link"])
    func accountChangedDuringARenewalGetsTheNewToken(_ name: String) async throws {
        try await running { fixture in
            try FileManager.default.createSymbolicLink(
                atPath: fixture.folder.path("link"), withDestinationPath: "refresh-token")
            try fixture.change(concurrency: 3, path: name)
            let (outcome, scrape) = try await fixture.reloadDuringARenewal()
            #expect(outcome == .active)
            #expect(scrape.value("flashback_up") == 1)
            let page = try await fixture.running.scrape()
            #expect(page.value("flashback_up") == 1)
            #expect(page.value("flashback_api_concurrency_limit") == 3)
            #expect(fixture.running.log.lines(with: "not renewed").isEmpty)
            #expect(fixture.running.log.lines(with: "access token renewed").count == 3)
        }
    }

    @Test func unsavedTokenKeepsThePreviousSettingsUntilItIsSaved() async throws {
        try await running { fixture in
            try fixture.forbidWriting()
            #expect(try await fixture.scrapeAfterAnHour().value("flashback_api_token_unsaved") == 1)
            try fixture.change(concurrency: 3)
            #expect(await fixture.running.configuration.reload() == fixture.refusal)

            let kept = try await fixture.scrapeAfterAnHour()
            #expect(kept.value("flashback_up") == 1)
            #expect(kept.value("flashback_api_concurrency_limit") == 8)
            #expect(kept.value("flashback_api_token_renewals_total", ["result": "success"]) == 3)
            #expect(kept.value("flashback_exporter_config_last_reload_successful", ["configuration": "exporter"]) == 0)

            // The reload itself saves the token: nothing else has to happen before.
            try fixture.allowWriting()
            #expect(await fixture.running.configuration.reload() == .active)
            let page = try await fixture.scrapeAfterAnHour()
            #expect(page.value("flashback_up") == 1)
            #expect(page.value("flashback_api_concurrency_limit") == 3)
            #expect(page.value("flashback_api_token_unsaved") == 0)
            #expect(fixture.running.log.lines(with: "not renewed").isEmpty)
        }
    }

    @Test func tokenThatCannotBeSavedDuringTheReloadKeepsThePreviousSettings() async throws {
        try await running { fixture in
            try fixture.forbidWriting()
            try fixture.change(concurrency: 3)
            let (outcome, scrape) = try await fixture.reloadDuringARenewal()
            #expect(outcome == fixture.refusal)
            #expect(scrape.value("flashback_up") == 1)

            let kept = try await fixture.scrapeAfterAnHour()
            #expect(kept.value("flashback_up") == 1)
            #expect(kept.value("flashback_api_concurrency_limit") == 8)
            #expect(kept.value("flashback_api_token_unsaved") == 1)
            #expect(fixture.running.log.lines(with: "not renewed").isEmpty)
        }
    }

    @Test func refusedReloadLeavesRenewalsToThePreviousSettings() async throws {
        try await running { fixture in
            try fixture.change(concurrency: 3)
            var settings = try fixture.written.read()
            settings.accounts.append(
                try AccountSettings("broken", fixture.simulator, credentials: .tokenFile(path: "/nonexistent/token")))
            fixture.written.write(settings)
            guard case .refused = await fixture.running.configuration.reload() else {
                Issue.record("an account without its token file was accepted")
                return
            }
            #expect(try await fixture.scrapeAfterAnHour().value("flashback_up") == 1)
        }
    }

    @Test func otherAccountsMayChangeWhileATokenIsUnsaved() async throws {
        try await running { fixture in
            try fixture.forbidWriting()
            #expect(try await fixture.scrapeAfterAnHour().value("flashback_api_token_unsaved") == 1)
            var settings = try fixture.written.read()
            settings.accounts.append(try AccountSettings("two", fixture.simulator))
            fixture.written.write(settings)
            #expect(await fixture.running.configuration.reload() == .active)
            let page = try await fixture.scrapeAfterAnHour()
            #expect(page.value("flashback_up", ["account": "one"]) == 1)
            #expect(page.value("flashback_api_token_unsaved", ["account": "one"]) == 1)
        }
    }
}

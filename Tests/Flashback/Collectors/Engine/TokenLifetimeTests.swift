import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite struct TokenLifetimeTests {
    @Test func twoHoursOfScrapesSurviveRotatingRefreshTokens() async throws {
        try await TemporaryDirectory.with { folder in
            try await SimulatedTime.run { time in
                let account = try SimulatedAccount(
                    Self.configuration, time: time,
                    tokens: { authentication, simulation, logger in
                        try folder.write(simulation.issueTokens().refreshToken, to: "token")
                        return RenewedAccessToken(
                            try RefreshTokenGrant(path: folder.path("token"), client: authentication, logger: logger),
                            time: time.source, logger: logger)
                    })
                let first = try folder.text(of: "token")
                try await scrapeForTwoHours(account, time)
                let renewals = account.simulation.requests.all.filter { $0.endpoint == .refresh }.map(\.receivedAt)
                #expect(renewals.count == 3)
                for (earlier, later) in zip(renewals, renewals.dropFirst()) {
                    #expect(later.timeIntervalSince(earlier) >= 48 * 60)
                    #expect(later.timeIntervalSince(earlier) < 48 * 60 + 31)
                }
                #expect(account.simulation.requests.count(status: 401) == 0)
                #expect(try folder.text(of: "token") != first)
                // A restart begins with the token in the file, so it must be valid.
                let log = RecordedLog()
                _ = try await RefreshTokenGrant(path: folder.path("token"), client: account.authentication, logger: log.logger)
                    .token(after: nil)
                #expect(account.log.lines(with: try folder.text(of: "token")).isEmpty)
            }
        }
    }

    @Test func twoHoursOfScrapesSurvivePasswordLogins() async throws {
        try await TemporaryDirectory.with { folder in
            try await SimulatedTime.run { time in
                let account = try accountWithPassword(in: folder, time)
                try await scrapeForTwoHours(account, time)
                #expect(account.simulation.requests.count(.login) == 3)
                #expect(account.log.lines(with: "simulated-password").isEmpty)
            }
        }
    }

    @Test func revokedTokenCostsOneRenewalAndNoScrape() async throws {
        try await TemporaryDirectory.with { folder in
            try await SimulatedTime.run { time in
                let account = try accountWithPassword(in: folder, time)
                let engine = account.engine()
                for _ in 0..<6 {
                    try await checkFreshness(of: try await engine.scrape(), account, time)
                    try await time.sleep(for: .seconds(300))
                    account.simulation.revokeTokens()
                }
                #expect(account.simulation.requests.count(.login) == 6)
            }
        }
    }

    /// An account whose token is obtained by logging in with a password.
    private func accountWithPassword(in folder: TemporaryDirectory, _ time: ManualTime) throws -> SimulatedAccount {
        try folder.write("simulated-password\n", to: "password")
        return try SimulatedAccount(
            Self.configuration, time: time,
            tokens: { authentication, _, logger in
                RenewedAccessToken(
                    try PasswordGrant(
                        email: "operator@example.com", passwordPath: folder.path("password"), client: authentication),
                    time: time.source, logger: logger)
            })
    }

    private static var configuration: SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.buckets = 3
        configuration.nodes = 1
        configuration.latency = .milliseconds(30)
        return configuration
    }

    private func scrapeForTwoHours(_ account: SimulatedAccount, _ time: ManualTime) async throws {
        let engine = account.engine()
        for scrape in 0..<480 {
            try await checkFreshness(of: try await engine.scrape(), account, time)
            try await time.sleep(until: .seconds(15 * (scrape + 1)))
        }
    }

    /// Expects every bucket's status to be no older than its lifetime.
    private func checkFreshness(of page: ParsedExposition, _ account: SimulatedAccount, _ time: ManualTime) async throws {
        #expect(page.value("flashback_up") == 1)
        let ages = page.samples("flashback_bucket_collector_last_success_timestamp_seconds", ["collector": "status"])
            .map { time.now.timeIntervalSince1970 - $0.value }
        #expect(ages.count == account.simulation.buckets.count)
        #expect(ages.allSatisfy { $0 <= 30 }, "at \(time.uptime)")
    }
}

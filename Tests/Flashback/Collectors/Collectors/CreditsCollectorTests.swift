import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

@Suite struct CreditsCollectorTests {
    private func account(_ change: (inout SimulatorConfiguration) -> Void = { _ in }) throws -> CollectedAccount {
        try CollectedAccount(simulator: change, collection: { $0.collectors = ["credits"] })
    }

    @Test func balancesAreExported() async throws {
        let account = try account()
        account.simulation.setCredits(SimulatedCredits(balance: 1000, storage: 7.5, ai: 2))
        let text = String(decoding: await account.body(), as: UTF8.self)
        for line in [
            "flashback_credits_enabled 1", "flashback_credits_balance 1000", "flashback_credits_realtime_balance 990.5",
            "flashback_credits_pending_consumption 9.5", #"flashback_credits_breakdown{product="storage"} 7.5"#,
            #"flashback_credits_breakdown{product="ai"} 2"#, "flashback_credits_balance_timestamp_seconds 1705276800",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test func theDialectMakesNoDifference() async throws {
        let expected = await (try account()).body()
        #expect(await (try account { $0.dialect.amountKind = .string }).body() == expected)
        #expect(await (try account { $0.dialect.creditDateForm = .day }).body() == expected)
        let without = try await (try account { $0.dialect.creditDateForm = .null }).scrape()
        #expect(without[family: "flashback_credits_balance_timestamp_seconds"] == nil)
        #expect(without.value("flashback_exporter_dropped_rows_total", ["reason": "malformed_field"]) == 0)
    }

    @Test(arguments: ErrorEnvelope.allCases)
    func aDeploymentWithoutCreditsIsNoFailure(_ envelope: ErrorEnvelope) async throws {
        let account = try account { $0.dialect.quotaErrorEnvelope = envelope }
        account.simulation.setUsesCredits(false)
        let parsed = try await account.scrape()
        #expect(parsed.value("flashback_credits_enabled") == 0)
        #expect(parsed.value("flashback_collector_success", ["collector": "credits"]) == 1)
        #expect(parsed.families.count { $0.name.hasPrefix("flashback_credits_") } == 1)
    }

    @Test(arguments: [401, 403, 404, 422, 500])
    func anotherStatusIsAFailure(_ status: Int) async throws {
        let account = try account()
        account.simulation.faults.add(.status(status), to: .creditBalance)
        let parsed = try await account.scrape()
        #expect(parsed[family: "flashback_credits_enabled"] == nil)
        #expect(parsed.value("flashback_collector_success", ["collector": "credits"]) == 0)
        #expect(parsed.value("flashback_up") == 1)
    }

    @Test func creditsAreSpentAndMayBeNegative() async throws {
        let account = try account()
        for balance in [10.25, 0.5, 0, -3] {
            account.simulation.setCredits(SimulatedCredits(balance: balance))
            let parsed = try await account.scrape(after: .seconds(300))
            #expect(parsed.value("flashback_credits_realtime_balance") == balance)
        }
    }

    @Test func hostileAmountsCostOnlyThemselves() async throws {
        let account = try account()
        let data = #"{"creditBalance":-9007199254740993,"realtimeBalance":[],"pendingConsumption":1e308,"breakdown":{"ai":"x"}}"#
        account.simulation.faults.add(.body(Array(#"{"success":true,"data":\#(data)}"#.utf8)), to: .creditBalance)
        let text = String(decoding: await account.body(), as: UTF8.self)
        #expect(text.contains("\nflashback_credits_balance -9007199254740993\n"))
        #expect(text.contains("\nflashback_credits_pending_consumption 1e+308\n"))
        #expect(!text.contains("flashback_credits_realtime_balance") && !text.contains("flashback_credits_breakdown"))
        #expect(text.contains("\nflashback_exporter_dropped_rows_total{reason=\"malformed_field\"} 2\n"))
    }
}

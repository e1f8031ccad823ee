import FlashbackCollectors
import FlashbackSimulator
import HTTPClient
import TestSupport
import Testing

@Suite struct QuotaCollectorTests {
    private func account(
        simulator: (inout SimulatorConfiguration) -> Void = { _ in }, _ quotas: [SimulatedQuota]? = nil
    ) throws -> CollectedAccount {
        let account = try CollectedAccount(simulator: simulator, collection: { $0.collectors = ["quota"] })
        if let quotas { account.simulation.quotas = quotas }
        return account
    }

    private func answering(_ rows: String) throws -> CollectedAccount {
        let account = try account()
        let body = #"{"success":true,"subscription":{"id":"s","name":"Pro"},"quotaUsage":[\#(rows)]}"#
        account.simulation.faults.add(.body(Array(body.utf8)), to: .quota)
        return account
    }

    @Test func theUnitFollowsFromTheCode() async throws {
        let account = try account([
            SimulatedQuota("STORAGE_TOTAL_BYTES", used: 57, limit: 1000),
            SimulatedQuota(
                "EGRESS_MONTHLY_BYTES", type: "TRAFFIC", periodType: "MONTHLY", used: 9_007_199_254_740_993, limit: .max),
            SimulatedQuota("BUCKETS", used: 4, limit: 10), SimulatedQuota("BYTES", used: 1, limit: 2),
            SimulatedQuota("X_BYTES_Y", used: 1, limit: 2),
        ])
        let text = String(decoding: await account.body(), as: UTF8.self)
        for line in [
            "flashback_subscription_active 1",
            #"flashback_subscription_info{subscription_id="subscription-1",subscription_name="Simulated plan"} 1"#,
            #"flashback_quota_used_bytes{capability="STORAGE_TOTAL_BYTES",period="all_time"} 57"#,
            #"flashback_quota_limit_bytes{capability="STORAGE_TOTAL_BYTES",period="all_time"} 1000"#,
            // The API reports 6 %.
            #"flashback_quota_used_ratio{capability="STORAGE_TOTAL_BYTES",period="all_time"} 0.057"#,
            #"flashback_quota_used_bytes{capability="EGRESS_MONTHLY_BYTES",period="monthly"} 9007199254740993"#,
            #"flashback_quota_limit_bytes{capability="EGRESS_MONTHLY_BYTES",period="monthly"} 9223372036854775807"#,
            #"flashback_quota_used{capability="BUCKETS",period="all_time"} 4"#,
            #"flashback_quota_limit{capability="BUCKETS",period="all_time"} 10"#,
            #"flashback_quota_used_ratio{capability="BUCKETS",period="all_time"} 0.4"#,
            #"flashback_quota_used{capability="BYTES",period="all_time"} 1"#,
            #"flashback_quota_used{capability="X_BYTES_Y",period="all_time"} 1"#,
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test func aLimitOfZeroHasNoRatio() async throws {
        let parsed = try await account([SimulatedQuota("A", used: 5, limit: 0), SimulatedQuota("B_BYTES", used: 0, limit: 0)])
            .scrape()
        #expect(parsed.value("flashback_quota_limit", ["capability": "A"]) == 0)
        #expect(parsed.value("flashback_quota_limit_bytes", ["capability": "B_BYTES"]) == 0)
        #expect(parsed[family: "flashback_quota_used_ratio"] == nil)
    }

    @Test func aQuotaMayBeExceeded() async throws {
        let parsed = try await account([SimulatedQuota("A", used: 15, limit: 10)]).scrape()
        #expect(parsed.value("flashback_quota_used_ratio", ["capability": "A"]) == 1.5)
    }

    @Test func theDialectMakesNoDifference() async throws {
        let expected = await (try account()).body()
        for kind in APIDialect.AmountKind.allCases {
            #expect(await (try account(simulator: { $0.dialect.amountKind = kind })).body() == expected)
        }
    }

    @Test func hostileAmountsCostOnlyThemselves() async throws {
        let parsed = try await answering(
            #"""
            {"capability":{"code":"HUGE","periodType":"ALL_TIME"},"usage":{"current":1e308,"max":"1e-300"}},
            {"capability":{"code":"MISSING","periodType":"ALL_TIME"},"usage":{"max":3}},
            {"capability":{"code":"NEGATIVE","periodType":"ALL_TIME"},"usage":{"current":1,"max":-1}},
            {"capability":{"code":"KINDS"},"usage":{"current":[1],"max":{}}},
            {"capability":{"code":"NONE"}}
            """#
        ).scrape()
        #expect(parsed.value("flashback_quota_used", ["capability": "HUGE"]) == 1e308)
        #expect(parsed.value("flashback_quota_limit", ["capability": "MISSING"]) == 3)
        #expect(parsed.samples("flashback_quota_used").count == 2 && parsed.samples("flashback_quota_limit").count == 2)
        #expect(parsed[family: "flashback_quota_used_ratio"] == nil)
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "out_of_range"]) == 1)
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "malformed_field"]) == 2)
        #expect(parsed.value("flashback_collector_success", ["collector": "quota"]) == 1)
    }

    @Test func twoRowsForOneCapabilityAreOne() async throws {
        let parsed = try await answering(
            #"""
            {"capability":{"code":"C","periodType":"DAILY"},"usage":{"current":3,"max":10}},
            {"capability":{"code":"C","periodType":"daily"},"usage":{"current":5,"max":10}},
            {"capability":{"code":"C","periodType":"MONTHLY"},"usage":{"current":7,"max":10}}
            """#
        ).scrape()
        #expect(parsed.value("flashback_quota_used", ["capability": "C", "period": "daily"]) == 5)
        #expect(parsed.value("flashback_quota_used", ["capability": "C", "period": "monthly"]) == 7)
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]) == 1)
    }

    @Test(arguments: [ErrorEnvelope.code, .codeAndMessage, .snakeCase, .camelCase])
    func withoutASubscriptionTheCollectorSucceeds(_ envelope: ErrorEnvelope) async throws {
        let account = try account(simulator: { $0.dialect.quotaErrorEnvelope = envelope })
        account.simulation.setSubscription(false)
        var parsed = try await account.scrape()
        #expect(parsed.value("flashback_subscription_active") == 0)
        #expect(parsed.value("flashback_collector_success", ["collector": "quota"]) == 1)
        #expect(parsed.families.allSatisfy { !$0.name.hasPrefix("flashback_quota_") })
        #expect(parsed[family: "flashback_subscription_info"] == nil)
        account.simulation.setSubscription(true)
        parsed = try await account.scrape(after: .seconds(300))
        #expect(parsed.value("flashback_subscription_active") == 1)
        #expect(!parsed.samples("flashback_quota_used_bytes").isEmpty)
    }

    @Test func another404IsAFailure() async throws {
        let account = try account()
        account.simulation.faults.add(.status(404), to: .quota)
        let parsed = try await account.scrape()
        #expect(parsed.value("flashback_collector_success", ["collector": "quota"]) == 0)
        #expect(parsed[family: "flashback_subscription_active"] == nil)
    }

    /// The quota fills up over time, and the series follow.
    @Test func seriesFollowTheUse() async throws {
        let account = try account([SimulatedQuota("STORAGE_TOTAL_BYTES", limit: 1000)])
        for used in [0, 500, 990, 1000, 200] as [Int64] {
            account.simulation.setUsed(used, ofQuota: "STORAGE_TOTAL_BYTES")
            let parsed = try await account.scrape(after: .seconds(300))
            #expect(parsed.value("flashback_quota_used_ratio") == Double(used) / 1000)
        }
    }

    @Test func itsSeriesGoWhenItsDataAreTooOld() async throws {
        let account = try account()
        _ = try await account.scrape()
        account.simulation.faults.add(.status(500), to: .quota)
        #expect(try await account.scrape(after: .seconds(400))[family: "flashback_subscription_active"] != nil)
        let parsed = try await account.scrape(after: .seconds(601))
        #expect(parsed[family: "flashback_subscription_active"] == nil && parsed.value("flashback_up") == 1)
    }
}

import FlashbackSimulator
import Foundation
import Testing

/// Quotas and credits follow the buckets, their traffic and a test's settings.
@Suite struct BillingTests {
    @Test func storageIsTheSumOfTheBucketsSizes() async throws {
        let simulation = FlashbackSimulation.make()
        let kept = simulation.buckets.compactMap { simulation.totals(ofBucket: $0.id)?.sizeChange }.filter { $0 > 0 }
        #expect(simulation.used(ofQuota: SimulatedQuota.storage) == kept.reduce(0, +))
        for bucket in simulation.buckets.prefix(2) {
            simulation.setTotals(SimulatedTotals(sizeChange: .max), ofBucket: bucket.id)
        }
        // At most the largest possible number.
        #expect(simulation.used(ofQuota: SimulatedQuota.storage) == .max)
    }

    @Test func bucketsAreCounted() {
        let simulation = FlashbackSimulation.make { $0.bucketQuota = 25 }
        #expect(simulation.used(ofQuota: SimulatedQuota.buckets) == 20)
        #expect(simulation.quotas.first { $0.code == SimulatedQuota.buckets }?.limit == 25)
        simulation.deleteBucket(simulation.buckets[0].id)
        #expect(simulation.used(ofQuota: SimulatedQuota.buckets) == 19)
    }

    @Test func egressBeginsAnewEachMonth() throws {
        let time = TestTime("2024-06-30T23:59:00Z")
        let simulation = FlashbackSimulation.make(time: time)
        let month = try #require(simulation.used(ofQuota: SimulatedQuota.egress))
        time.advance(by: 120)
        let minute = try #require(simulation.used(ofQuota: SimulatedQuota.egress))
        #expect(minute > 0 && minute < month / 1000)
    }

    @Test func creditsAreConsumedByDownloadsAndDeductedAtMidnight() throws {
        let time = TestTime("2024-06-12T23:00:00Z")
        let simulation = FlashbackSimulation.make(time: time)
        let before = simulation.credits
        #expect(before.pending > 0)
        time.advance(by: 7200)
        let after = simulation.credits
        #expect(after.pending > 0 && after.pending < before.pending)
        #expect(after.balance < before.balance && after.balance - after.pending < before.balance - before.pending)
    }

    @Test func aTestMayFillAQuotaAndSpendCredits() async throws {
        let simulation = FlashbackSimulation.make()
        #expect(simulation.setUsed(7, ofQuota: SimulatedQuota.storage))
        #expect(!simulation.setUsed(7, ofQuota: "NONE"))
        #expect(simulation.used(ofQuota: SimulatedQuota.storage) == 7)
        simulation.setUsed(nil, ofQuota: SimulatedQuota.storage)
        #expect(simulation.used(ofQuota: SimulatedQuota.storage) != 7)
        let derived = simulation.credits
        simulation.setCredits(SimulatedCredits(balance: -5, storage: 2, ai: 1.5))
        let data = try #require(try await simulation.get("/credits/balance").object()["data"] as? [String: Any])
        #expect(data["creditBalance"] as? Int == -5 && data["realtimeBalance"] as? Double == -8.5)
        #expect(data["pendingConsumption"] as? Double == 3.5)
        simulation.setCredits(nil)
        #expect(simulation.credits == derived)
    }

    @Test func everythingAboutUsersHasTheCanary() {
        let simulation = FlashbackSimulation.make { $0.canary = "CANARY" }
        #expect(simulation.personalData.count == 3 * 3 * 3)
        for word in simulation.personalData { #expect(word.contains("CANARY")) }
    }

    @Test func aRestrictedUserSeesItsOwnWorkspaces() async throws {
        let simulation = FlashbackSimulation.make { $0.restrictedTokens = ["r": ["workspace-2"]] }
        let rows = try await simulation.get("/workspace", token: "r").rows("workspaces")
        #expect(rows.compactMap { $0["id"] as? String } == ["workspace-2"])
    }
}

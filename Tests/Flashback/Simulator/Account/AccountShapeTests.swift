import FlashbackSimulator
import Foundation
import Testing

/// The members of GET /user/quota, GET /credits/balance and GET /workspace, and their dialects.
@Suite struct AccountShapeTests {
    private let simulation = FlashbackSimulation.make()

    private func quotaRow(_ code: String) async throws -> (capability: [String: Any], usage: [String: Any]) {
        let rows = try await simulation.get("/user/quota").rows("quotaUsage")
        let row = try #require(rows.first { ($0["capability"] as? [String: Any])?["code"] as? String == code })
        #expect(keys(row) == ["capability", "usage"])
        return (try #require(row["capability"] as? [String: Any]), try #require(row["usage"] as? [String: Any]))
    }

    private func credits() async throws -> [String: Any] {
        try #require(try await simulation.get("/credits/balance").object()["data"] as? [String: Any])
    }

    @Test func quota() async throws {
        let reply = await simulation.get("/user/quota")
        #expect(reply.status == 200)
        #expect(keys(try reply.object()) == ["success", "subscription", "quotaUsage"])
        #expect(keys(try #require(try reply.object()["subscription"] as? [String: Any])) == ["id", "name", "description"])
        for code in [SimulatedQuota.storage, SimulatedQuota.egress, SimulatedQuota.buckets] {
            let (capability, usage) = try await quotaRow(code)
            #expect(keys(capability) == ["id", "code", "description", "type", "periodType"])
            #expect(keys(usage) == ["current", "max", "percentage"])
            for value in usage.values { #expect(value is Int) }
        }
    }

    @Test func thePercentageIsRoundedAndALimitMayBeZero() async throws {
        simulation.quotas = [
            SimulatedQuota("A_BYTES", used: 57, limit: 1000), SimulatedQuota("B", periodType: "DAILY", used: 5, limit: 0),
        ]
        #expect(try await quotaRow("A_BYTES").usage["percentage"] as? Int == 6)
        let (capability, usage) = try await quotaRow("B")
        #expect(capability["periodType"] as? String == "DAILY")
        #expect(usage["current"] as? Int == 5 && usage["max"] as? Int == 0 && usage["percentage"] as? Int == 0)
    }

    @Test func credit() async throws {
        let reply = await simulation.get("/credits/balance")
        #expect(reply.status == 200)
        #expect(keys(try reply.object()) == ["success", "data"])
        let data = try await credits()
        #expect(keys(data) == ["creditBalance", "dateBalance", "realtimeBalance", "pendingConsumption", "breakdown"])
        #expect(keys(try #require(data["breakdown"] as? [String: Any])) == ["storage", "ai"])
        #expect(data["dateBalance"] as? String == "2024-06-12T00:00:00.000Z")
        let (balance, pending) = (data["creditBalance"] as? Double ?? 0, data["pendingConsumption"] as? Double ?? 0)
        #expect(balance > 0 && pending > 0)
        #expect(try abs(#require(data["realtimeBalance"] as? Double) - (balance - pending)) < 1e-6)
    }

    @Test func workspaces() async throws {
        let reply = await simulation.get("/workspace")
        let rows = try reply.rows("workspaces")
        #expect(rows.compactMap { $0["id"] as? String } == simulation.workspaces)
        for row in rows {
            #expect(keys(row) == ["id", "name", "orgId", "users"])
            let users = try #require(row["users"] as? [[String: Any]])
            #expect(users.compactMap { $0["role"] as? String } == ["READ", "WRITE", "ADMIN"])
            for user in users {
                #expect(keys(user) == ["userId", "role", "user"])
                #expect(keys(try #require(user["user"] as? [String: Any])) == ["id", "name", "email"])
            }
        }
        for word in simulation.personalData { #expect(reply.text.contains(word)) }
        simulation.configuration.dialect.clientFields = true
        let row = try await simulation.get("/workspace").rows("workspaces")[0]
        #expect(keys(row) == ["id", "name", "orgId", "users", "default", "deletedAt"])
    }

    @Test func amounts() async throws {
        simulation.configuration.dialect.amountKind = .string
        let usage = try await quotaRow(SimulatedQuota.storage).usage
        #expect(usage["current"] is String && usage["max"] is String)
        let data = try await credits()
        for name in ["creditBalance", "realtimeBalance", "pendingConsumption"] { #expect(data[name] is String, "\(name)") }
    }

    @Test func dateOfTheBalance() async throws {
        simulation.configuration.dialect.creditDateForm = .day
        #expect(try await credits()["dateBalance"] as? String == "2024-06-12")
        simulation.configuration.dialect.creditDateForm = .null
        #expect(try await credits()["dateBalance"] is NSNull)
    }

    @Test(arguments: ["/user/quota", "/credits/balance", "/workspace"])
    func errors(_ path: String) async throws {
        let isBucketForm = path == "/workspace"
        let refused = await simulation.get(path, token: nil)
        #expect(refused.status == 401)
        #expect(keys(try refused.object()) == (isBucketForm ? ["success", "message"] : ["success", "error_code", "message"]))
        if !isBucketForm { #expect(try refused.object()["error_code"] as? String == "NO_AUTH_USER") }
        simulation.configuration.dialect.quotaErrorEnvelope = .code
        let refusedAgain = await simulation.get(path, token: nil)
        #expect(keys(try refusedAgain.object()) == (isBucketForm ? ["success", "message"] : ["success", "error_code"]))
        #expect(await simulation.post(path).status == 405)
    }

    @Test func withoutASubscription() async throws {
        simulation.setSubscription(false)
        let reply = await simulation.get("/user/quota")
        #expect(reply.status == 404)
        #expect(try reply.object()["error_code"] as? String == "NO_ACTIVE_SUBSCRIPTION")
        simulation.setSubscription(true)
        #expect(await simulation.get("/user/quota").status == 200)
    }

    @Test func withoutCredits() async throws {
        simulation.setUsesCredits(false)
        let reply = await simulation.get("/credits/balance")
        #expect(reply.status == 400)
        #expect(try reply.object()["success"] as? Bool == false)
    }
}

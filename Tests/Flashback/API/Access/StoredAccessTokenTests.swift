import FlashbackAPI
import FlashbackSimulator
import Foundation
import HTTPClient
import TestSupport
import TestTools
import Testing

@Suite struct StoredAccessTokenTests {
    @Test func refusedTokenIsNotResentForAWhile() async throws {
        try await SimulatedTime.run { time in
            let account = try account(time, AccessTokenVariable(AccessToken(parsing: "expired")))
            // Each call fails with one line that names the remedy.
            func call() async { await #expect(throws: APIError.self) { try await account.client.send(ListBuckets()) } }
            await call()
            #expect(account.requests("GET /bucket", code: "401") == 1)
            for _ in 0..<29 {
                try await time.sleep(for: .seconds(1))
                for _ in 0..<10 { await call() }
            }
            #expect(account.requests("GET /bucket", code: "401") == 1)
            // One request each time the backoff ends: after 30, 60, 120, 240 and then every 300 s.
            for _ in 0..<(3600 / 5) {
                try await time.sleep(for: .seconds(5))
                for _ in 0..<10 { await call() }
            }
            #expect((14...17).contains(account.requests("GET /bucket", code: "401")))
        }
    }

    @Test func simultaneousRefusalsCountAsOne() async throws {
        try await SimulatedTime.run { time in
            let account = try account(time, AccessTokenVariable(AccessToken(parsing: "expired")), latency: .milliseconds(50))
            await withTaskGroup { group in
                for _ in 0..<16 { group.addTask { _ = try? await account.client.send(ListBuckets()) } }
            }
            #expect(account.requests("GET /bucket", code: "401") == 16)
            try await time.sleep(until: .seconds(31))
            _ = try? await account.client.send(ListBuckets())
            #expect(account.requests("GET /bucket", code: "401") == 17, "the first backoff is longer than 30 s")
        }
    }

    @Test func replacedTokenIsUsedAtOnce() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("expired\n", to: "token")
            try await SimulatedTime.run { time in
                let account = try account(time, AccessTokenFile(path: folder.path("token")))
                _ = try? await account.client.send(ListBuckets())
                await #expect(throws: APIError.self) { try await account.client.send(ListBuckets()) }
                try folder.write("static-token\n", to: "token")
                _ = try await account.client.send(ListBuckets())
                // The same for a token that is replaced while it is being rejected.
                try folder.write("expired again\n".replacingOccurrences(of: " ", with: "-"), to: "token")
                await #expect(throws: APIError.self) { try await account.client.send(ListBuckets()) }
                try folder.write("static-token", to: "token")
                _ = try await account.client.send(ListBuckets())
                #expect(time.uptime == .zero)
            }
        }
    }

    @Test func replacementBetweenRequestAndRefusalCausesNoError() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("expired", to: "token")
            try await SimulatedTime.run { time in
                let account = try account(time, AccessTokenFile(path: folder.path("token")), latency: .seconds(1))
                async let answer = account.client.send(ListBuckets())
                try await time.sleep(for: .milliseconds(500))
                try folder.write("static-token", to: "token")
                _ = try await answer
                #expect(account.requests("GET /bucket", code: "401") == 1)
            }
        }
    }

    @Test func unusableFileIsAnErrorAndItsOldTokenIsNotUsed() async throws {
        try await TemporaryDirectory.with { folder in
            #expect(throws: AccessTokenError.self) { try AccessTokenFile(path: folder.path("token")) }
            try folder.write("static-token", to: "token")
            let file = try AccessTokenFile(path: folder.path("token"))
            try await SimulatedTime.run { time in
                let account = try account(time, file)
                for spoiled in ["", "  \n", "two words", "a\nb"] {
                    try folder.write(spoiled, to: "token")
                    do throws(APIError) {
                        _ = try await account.client.send(ListBuckets())
                        Issue.record("the old token was used")
                    } catch {
                        #expect("\(error)".contains(folder.path("token")))
                        #expect(!"\(error)".contains("static-token"))
                    }
                }
                try FileManager.default.removeItem(atPath: folder.path("token"))
                await #expect(throws: APIError.self) { try await account.client.send(ListBuckets()) }
                #expect(account.simulation.requests.received == 0)
                try folder.write("static-token", to: "token")
                _ = try await account.client.send(ListBuckets())
            }
        }
    }

    private func account(
        _ time: ManualTime, _ store: any AccessTokenStore, latency: Duration = .zero
    ) throws -> SimulatedAccount {
        var configuration = SimulatorConfiguration()
        configuration.latency = latency
        return try SimulatedAccount(configuration, time: time, tokens: { _, _, _ in StoredAccessToken(store, time: time.source) })
    }
}

import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

@Suite struct RenewedAccessTokenTests {
    @Test func renewsAtFourFifthsOfTheLifetime() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time)
            let tokens = RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger)
            let first = try await tokens.accessToken()
            try await time.sleep(until: .seconds(2879))
            #expect(try await tokens.accessToken() == first)
            #expect(grant.times == [.zero])
            try await time.sleep(until: .seconds(2880))
            // The token stays in use while it is being renewed.
            #expect(try await tokens.accessToken() == first)
            try await time.sleep(until: .seconds(2881))
            #expect(try await tokens.accessToken() != first)
            #expect(grant.times == [.zero, .seconds(2880)])
            let renewals = try #require(await tokens.report.renewals)
            #expect((renewals.succeeded, renewals.failed) == (2, 0))
        }
    }

    @Test func finishWaitsForTheRunningRenewalAndStartsNoOther() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time, latency: .seconds(2))
            let tokens = RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger)
            async let first = tokens.accessToken()
            try await time.sleep(until: .seconds(1))
            await tokens.finish()
            #expect(time.uptime == .seconds(2))
            let token = try await first
            #expect(try await tokens.accessToken() == token)
            // In the last fifth of its lifetime the token is still valid; after it, there is none.
            try await time.sleep(until: .seconds(3000))
            #expect(try await tokens.accessToken() == token)
            try await time.sleep(until: .seconds(3700))
            await #expect(throws: AccessTokenError.self) { try await tokens.accessToken() }
            #expect(grant.times == [.zero])
        }
    }

    @Test func hundredSimultaneousCallersShareOneRenewal() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time, latency: .seconds(2))
            let tokens = RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger)
            let got = try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        try await time.sleep(for: .milliseconds(15 * number))
                        return try await tokens.accessToken()
                    }
                }
                return try await group.reduce(into: Set<AccessToken>()) { $0.insert($1) }
            }
            #expect(got.count == 1)
            #expect(grant.times == [.zero])
        }
    }

    @Test func hundredSimultaneousRefusalsMakeOneRenewal() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time, latency: .seconds(1))
            let tokens = RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger)
            let refused = try await tokens.accessToken()
            let got = try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        // Some callers notice it only after the renewal.
                        try await time.sleep(for: .milliseconds(30 * number))
                        return try await tokens.replacement(for: refused)
                    }
                }
                return try await group.reduce(into: Set<AccessToken>()) { $0.insert($1) }
            }
            #expect(got.count == 1)
            #expect(!got.contains(refused))
            #expect(grant.times.count == 2)
        }
    }

    @Test func cancelledCallerDoesNotCancelTheRenewal() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time, latency: .seconds(2))
            let tokens = RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger)
            let caller = Task { try await tokens.accessToken() }
            try await time.sleep(for: .seconds(1))
            caller.cancel()
            await tokens.finish()
            #expect(time.uptime == .seconds(2))
            _ = try await tokens.accessToken()
            #expect(grant.times == [.zero])
        }
    }

    @Test func failuresBackOffFromFiveSecondsToFiveMinutes() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time)
            grant.fails = true
            let log = RecordedLog()
            let tokens = RenewedAccessToken(grant, time: time.source, logger: log.logger)
            for _ in 0..<2000 {
                await #expect(throws: AccessTokenError.self) { try await tokens.accessToken() }
                try await time.sleep(for: .seconds(1))
            }
            let gaps = zip(grant.times, grant.times.dropFirst()).map { $1 - $0 }
            #expect(gaps == [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300].map { .seconds($0) })
            #expect(log.lines(with: "error").count == grant.times.count)
            grant.fails = false
            try await time.sleep(for: .seconds(300))
            _ = try await tokens.accessToken()
            // The delay after the next failure starts at 5 s again.
            grant.fails = true
            let refused = try await tokens.accessToken()
            let start = grant.times.count
            for _ in 0..<20 {
                await #expect(throws: AccessTokenError.self) { try await tokens.replacement(for: refused) }
                try await time.sleep(for: .seconds(1))
            }
            #expect(zip(grant.times[start...], grant.times[(start + 1)...]).map { $1 - $0 } == [.seconds(5), .seconds(10)])
        }
    }

    @Test func validTokenStaysInUseUntilItsExpiryWhileRenewalsFail() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time)
            let tokens = RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger)
            let token = try await tokens.accessToken()
            grant.fails = true
            for second in stride(from: 2880, to: 3600, by: 15) {
                try await time.sleep(until: .seconds(second))
                #expect(try await tokens.accessToken() == token)
            }
            #expect(grant.times.count > 3)
            try await time.sleep(until: .seconds(3600))
            await #expect(throws: AccessTokenError.self) { try await tokens.accessToken() }
        }
    }

    @Test func expiryClaimOfTheTokenOverridesTheAnswer() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("password", to: "password")
            let now = ManualTime().now
            let (claimed, said) = (now.addingTimeInterval(1800), now.addingTimeInterval(3600))
            let seconds = Int(said.timeIntervalSince1970)
            let answers: [(String, Date?)] = [
                (#"{"accessToken": "opaque", "expiresAt": \#(seconds)}"#, said),
                (#"{"accessToken": "opaque", "expiresAt": \#(seconds)000}"#, said),
                (#"{"accessToken": "\#(webToken(expiringAt: claimed))", "expiresAt": \#(seconds)}"#, claimed),
                (#"{"accessToken": "\#(webToken(expiringAt: claimed))"}"#, claimed),
                (#"{"accessToken": "not.a.webtoken", "expiresAt": \#(seconds)}"#, said),
                (#"{"accessToken": "opaque"}"#, nil),
                (#"{"accessToken": "opaque", "expiresAt": "soon"}"#, nil),
            ]
            for (answer, expected) in answers {
                try await SimulatedTime.run { time in
                    let grant = try PasswordGrant(
                        email: "a@b", passwordPath: folder.path("password"),
                        client: .simulated(StubTransport(answer), time))
                    #expect(try await grant.token(after: nil).expiresAt == expected, "\(answer)")
                }
            }
        }
    }

    @Test func refusedNewTokensAreRequestedOncePerMinute() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time)
            let stub = StubTransport("", status: .unauthorized)
            let client = FlashbackClient(
                baseURL: .simulated, transport: stub,
                tokens: RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger),
                budget: RequestBudget(limit: 16, time: time.source), time: time.source)
            for _ in 0..<600 {
                for _ in 0..<5 { await #expect(throws: APIError.self) { try await client.send(ListBuckets()) } }
                try await time.sleep(for: .seconds(1))
            }
            #expect(grant.times.count == 11)
            // Each token is sent with the request, and with the two trials of whether anything else accepts it.
            #expect(stub.requests.count == 3 * 11)
        }
    }

    @Test func refusedTokenIsReplacedAtOnce() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time)
            let tokens = RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger)
            let first = try await tokens.accessToken()
            let second = try await tokens.replacement(for: first)
            #expect(second != first)
            #expect(try await tokens.accessToken() == second)
            // A caller that reports the rejection of the first token late gets the second token without a renewal.
            #expect(try await tokens.replacement(for: first) == second)
            #expect(grant.times.count == 2)
        }
    }

    @Test func expiredNewTokenDoesNotLoop() async throws {
        try await SimulatedTime.run { time in
            let grant = Grant(time, life: -10)
            let tokens = RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger)
            for _ in 0..<600 {
                _ = try? await tokens.accessToken()
                try await time.sleep(for: .seconds(1))
            }
            #expect(grant.times == [.zero])
        }
    }

    /// Grants tokens with a lifetime of an hour, unless set to fail.
    private final class Grant: AccessTokenGrant {
        private struct State {
            var times: [Duration] = []
            var fails = false
        }

        private let time: ManualTime
        private let latency: Duration
        private let life: Double
        private let state = NIOLockedValueBox(State())

        init(_ time: ManualTime, latency: Duration = .zero, life: Double = 3600) {
            self.time = time
            self.latency = latency
            self.life = life
        }

        /// When a token was asked for.
        var times: [Duration] { state.withLockedValue { $0.times } }

        var fails: Bool {
            get { state.withLockedValue { $0.fails } }
            set { state.withLockedValue { $0.fails = newValue } }
        }

        func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken {
            let (number, fails) = state.withLockedValue { state in
                state.times.append(time.uptime)
                return (state.times.count, state.fails)
            }
            try? await time.source.sleep(until: time.uptime + latency)
            if fails { throw AccessTokenError("refused") }
            return try AccessToken(parsing: webToken(expiringAt: time.now.addingTimeInterval(life), name: "token \(number)"))
        }
    }
}

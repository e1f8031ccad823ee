import Basics
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

@testable import FlashbackAPI

/// Possible answers of the API to a renewal, and their timing.
@Suite struct RenewalTests {
    // MARK: What is kept

    @Test(
        arguments: [
            #"{"refreshToken": "rotated"}"#, #"{"success": true, "accessToken": null, "refreshToken": "rotated"}"#,
            #"{"accessToken": 17, "refreshToken": "rotated"}"#, #"{"accessToken": "", "refresh_token": "rotated"}"#,
            #"{"success": false, "message": "half done", "refreshToken": "rotated"}"#,
            #"{"accessToken": "two words", "refreshToken": 1, "refresh_token": "rotated"}"#,
        ])
    func rotatedTokenIsStoredDespiteInvalidOtherFields(_ answer: String) async throws {
        try await renewing(with: answer) { grant, folder, _ async throws in
            await #expect(throws: AccessTokenError.self) { try await grant.token(after: nil) }
            #expect(try folder.text(of: "token") == "rotated\n")
        }
    }

    @Test(arguments: ["two words", "line\nfeed", "ümläut"])
    func invalidRefreshTokenKeepsTheOldOne(_ rotated: String) async throws {
        let answer = try String(decoding: JSONEncoder().encode(["accessToken": "a", "refreshToken": rotated]), as: UTF8.self)
        try await renewing(with: answer) { grant, folder, log async throws in
            _ = try await grant.token(after: nil)
            #expect(try folder.text(of: "token") == "canary-refresh")
            #expect(log.lines(with: "the new refresh token is malformed; keeping the old one").count == 1)
        }
    }

    @Test func tokenReplacedDuringARenewalIsKeptAndUsedNext() async throws {
        try await TemporaryDirectory.with { folder in
            for written in ["operator's\n", "canary-refresh operator's", ""] {
                try folder.write("canary-refresh", to: "token")
                let sent = NIOLockedValueBox<[String]>([])
                let stub = StubTransport { request throws(TransferError) in
                    let body = (try? JSONDecoder().decode([String: String].self, from: Data(request.body ?? []))) ?? [:]
                    let number = sent.withLockedValue { sent in
                        sent.append(body["refreshToken"] ?? "")
                        return sent.count
                    }
                    if number == 1 { _ = try? folder.write(written, to: "token") }
                    return TransferResponse(
                        status: .ok, body: Array(#"{"accessToken": "access", "refreshToken": "rotated-\#(number)"}"#.utf8))
                }
                try await SimulatedTime.run { time in
                    let grant = try RefreshTokenGrant(
                        path: folder.path("token"), client: .simulated(stub, time), logger: RecordedLog().logger)
                    _ = try await grant.token(after: nil)
                    switch written {
                    case "operator's\n":
                        #expect(try folder.text(of: "token") == "operator's\n")
                        _ = try await grant.token(after: nil)
                        #expect(sent.withLockedValue { $0 } == ["canary-refresh", "operator's"])
                    case "":
                        // The file is being written: nothing is lost either way.
                        #expect(try folder.text(of: "token") == "")
                        _ = try await grant.token(after: nil)
                        #expect(sent.withLockedValue { $0 } == ["canary-refresh", "rotated-1"])
                    default:
                        // The same token followed by other text is the same token.
                        #expect(try folder.text(of: "token") == "rotated-1\n")
                    }
                }
            }
        }
    }

    // MARK: Errors and expiry

    @Test func secretsOfRequestAndAnswerAreRedacted() async throws {
        let answer = """
            {"success": false, "accessToken": "canary-new", "refreshToken": "canary-refresh-2",
            "message": "canary-refresh canary-refresh-2 canary-old canary-new"}
            """
        for status in [200, 401, 500] {
            try await renewing(with: answer, status: .init(code: status)) { grant, _, log async throws in
                let old = try AccessToken(parsing: "canary-old")
                let error = await #expect(throws: AccessTokenError.self) { try await grant.token(after: old) }
                #expect(error?.description.hasSuffix("(the API says: <redacted> <redacted> <redacted> <redacted>)") == true)
                #expect(log.lines(with: "canary").isEmpty)
            }
        }
    }

    // MARK: Throttling

    @Test(arguments: [429, 503])
    func renewalHonoursRetryAfterAndCountsAsThrottled(_ status: Int) async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("refresh", to: "token")
            try await SimulatedTime.run { time in
                let times = NIOLockedValueBox<[Duration]>([])
                let stub = StubTransport { _ throws(TransferError) in
                    times.withLockedValue { $0.append(time.uptime) }
                    return TransferResponse(status: .init(code: status), headerFields: [.retryAfter: "900"])
                }
                let statistics = RequestStatistics()
                let budget = RequestBudget(limit: 4, time: time.source)
                let client = AuthenticationClient(
                    baseURL: .simulated, transport: stub, budget: budget, statistics: statistics, time: time.source)
                let log = RecordedLog()
                let tokens = RenewedAccessToken(
                    try RefreshTokenGrant(path: folder.path("token"), client: client, logger: log.logger), time: time.source,
                    logger: log.logger)
                for _ in 0..<2000 {
                    await #expect(throws: AccessTokenError.self) { try await tokens.accessToken() }
                    try await time.sleep(for: .seconds(1))
                }
                #expect(times.withLockedValue { $0 } == [.zero, .seconds(900), .seconds(1800)])
                #expect(log.lines(with: "access token not renewed").count == 3)
                #expect(statistics.current().first?.counts.throttled == 3)
                // The account's other requests pause for the same time.
                #expect(budget.pauseEnd == .seconds(2700))
            }
        }
    }

    @Test func renewalWaitsForPausesOfOtherRequests() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("refresh", to: "token")
            try await SimulatedTime.run { time in
                let stub = StubTransport(#"{"accessToken": "access"}"#)
                let budget = RequestBudget(limit: 4, time: time.source)
                budget.releaseThrottled(try await budget.acquire(until: .zero), retryAfter: .seconds(600))
                let client = AuthenticationClient(
                    baseURL: .simulated, transport: stub, budget: budget, statistics: RequestStatistics(), time: time.source)
                let log = RecordedLog()
                let tokens = RenewedAccessToken(
                    try RefreshTokenGrant(path: folder.path("token"), client: client, logger: log.logger), time: time.source,
                    logger: log.logger)
                for _ in 0..<600 {
                    let error = await #expect(throws: AccessTokenError.self) { try await tokens.accessToken() }
                    #expect(error?.description.contains("the API asked for a pause of another 600 s") == true)
                    try await time.sleep(for: .seconds(1))
                }
                #expect(stub.requests.isEmpty)
                #expect(log.lines(with: "access token not renewed").count == 1)
                _ = try await tokens.accessToken()
            }
        }
    }

    // MARK: Time

    @Test func currentTokenStaysInUseWhileARenewalHangs() async throws {
        try await SimulatedTime.run { time in
            let calls = NIOLockedValueBox(0)
            let tokens = RenewedAccessToken(
                Grant { number throws(AccessTokenError) in
                    calls.withLockedValue { $0 = number }
                    if number > 1 {
                        try? await time.sleep(for: .seconds(2000))
                        throw AccessTokenError("timed out")
                    }
                    return try AccessToken(parsing: webToken(expiringAt: time.now.addingTimeInterval(3600)))
                }, time: time.source, logger: RecordedLog().logger)
            let token = try await tokens.accessToken()
            for second in stride(from: 2880, to: 3600, by: 60) {
                try await time.sleep(until: .seconds(second))
                #expect(try await tokens.accessToken() == token)
                #expect(time.uptime == .seconds(second), "the request waited for the renewal")
            }
            #expect(calls.withLockedValue { $0 } == 2)
            // Without a usable token, nothing else can be done.
            try await time.sleep(until: .seconds(3600))
            await #expect(throws: AccessTokenError.self) { try await tokens.accessToken() }
            #expect(time.uptime == .seconds(4880))
        }
    }

    @Test(arguments: [0.5, 0.001, 3])
    func shortLivedTokenIsRenewedEveryTenSeconds(_ life: Double) async throws {
        try await SimulatedTime.run { time in
            let count = NIOLockedValueBox(0)
            let tokens = RenewedAccessToken(
                Grant { number throws(AccessTokenError) in
                    count.withLockedValue { $0 = number }
                    let end = time.now.addingTimeInterval(life)
                    return try AccessToken(parsing: "\(end.timeIntervalSince1970)", orExpiringAt: end)
                }, time: time.source, logger: RecordedLog().logger)
            // An API that refuses the token once its lifetime is over.
            let stub = StubTransport { request throws(TransferError) in
                let isGood = (Double(request.bearerToken?.reveal() ?? "") ?? 0) > time.now.timeIntervalSince1970
                return TransferResponse(status: isGood ? .ok : .unauthorized, body: Array("[]".utf8))
            }
            let client = FlashbackClient(
                baseURL: .simulated, transport: stub, tokens: tokens, budget: RequestBudget(limit: 16, time: time.source),
                time: time.source)
            for _ in 0..<600 {
                _ = try? await client.send(ListBuckets())
                try await time.sleep(for: .milliseconds(100))
            }
            #expect(count.withLockedValue { $0 } == 6)
            #expect(stub.requests.count < 600)
        }
    }

    @Test(
        arguments: ["1e300", "-1e300", "1.7976931348623157e308", "9223372036854775808", "-1", "\"1e300\"", "\"nan\""])
    func expiryOutsideTheCalendarIsIgnored(_ number: String) async throws {
        try await renewing(with: #"{"accessToken": "access", "expiresAt": \#(number)}"#) { grant, _, log async throws in
            let tokens = RenewedAccessToken(grant, time: ManualTime().source, logger: log.logger)
            #expect(try await tokens.accessToken().expiresAt == nil)
            #expect(await tokens.report.expiresAt == nil)
        }
        let claims = Data(#"{"exp": \#(number)}"#.utf8).base64EncodedString().replacing("=", with: "")
        #expect(try AccessToken(parsing: "e30.\(claims).e30").expiresAt == nil)
    }

    // MARK: Support

    private func renewing(
        with answer: String, status: HTTPResponse.Status = .ok,
        _ body: @escaping @Sendable (RefreshTokenGrant, TemporaryDirectory, RecordedLog) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("canary-refresh", to: "token")
            try await SimulatedTime.run { time in
                let log = RecordedLog()
                let grant = try RefreshTokenGrant(
                    path: folder.path("token"), client: .simulated(StubTransport(answer, status: status), time),
                    logger: log.logger)
                try await body(grant, folder, log)
            }
        }
    }

    /// Grants what a closure returns for the number of calls so far.
    private final class Grant: AccessTokenGrant {
        private let count = NIOLockedValueBox(0)
        private let give: @Sendable (Int) async throws(AccessTokenError) -> AccessToken

        init(_ give: @escaping @Sendable (Int) async throws(AccessTokenError) -> AccessToken) {
            self.give = give
        }

        func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken {
            let number = count.withLockedValue { count in
                count += 1
                return count
            }
            return try await give(number)
        }
    }
}

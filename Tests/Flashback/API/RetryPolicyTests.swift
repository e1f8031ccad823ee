import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct RetryPolicyTests {
    /// The behaviour of the stubbed API for a request.
    enum Behaviour: Sendable {
        case status(Int, retryAfter: String? = nil)
        case body(String)
        case failure(TransferError.Kind)
        case hang

        static let success = Behaviour.body(#"{"success": true, "buckets": []}"#)
    }

    /// The result of a call.
    struct Outcome: Sendable {
        var error: APIError?
        /// When each request was made.
        var requests: [Duration] = []
        var tokens: [String] = []
        var retries: Int64 = 0
        var end = Duration.zero

        /// The status of the API's last response.
        var finalStatus: Int? {
            if case .status(let status, _) = error?.reason { status } else { nil }
        }

        /// Why the last request got no response.
        var finalFailure: TransferError.Kind? {
            if case .transfer(let error) = error?.reason { error.kind } else { nil }
        }
    }

    @Test(
        arguments: [
            (Behaviour.status(429, retryAfter: "4"), 4.0), (.status(503, retryAfter: "4"), 4), (.status(429), 1),
            (.status(429, retryAfter: "nonsense"), 1), (.status(429, retryAfter: "0"), 1),
        ])
    func throttledRequestIsRetriedAfterItsPause(_ behaviour: Behaviour, _ pause: Double) async throws {
        let outcome = try await outcome([behaviour, .success])
        #expect(outcome.error == nil)
        #expect(outcome.requests == [.zero, .seconds(pause)])
        #expect(outcome.retries == 1)
    }

    @Test func throttledRequestIsRetriedThreeTimes() async throws {
        let outcome = try await outcome(Array(repeating: .status(429, retryAfter: "2"), count: 10))
        #expect(outcome.requests == [0, 2, 4, 6].map { .seconds($0) })
        #expect(outcome.finalStatus == 429)
    }

    @Test(
        arguments: [
            Behaviour.status(500), .status(502), .status(503), .status(504), .failure(.connectionBroken),
            .failure(.connectionFailed), .status(503, retryAfter: "nonsense"), .status(500, retryAfter: "20"),
        ])
    func serverErrorOrBrokenConnectionIsRetriedOnce(_ behaviour: Behaviour) async throws {
        let good = try await outcome([behaviour, .success])
        #expect(good.error == nil)
        #expect(good.requests == [.zero, .milliseconds(500)])
        let bad = try await outcome([behaviour, behaviour, .success])
        #expect(bad.error != nil)
        #expect(bad.requests.count == 2)
        #expect(bad.retries == 1)
    }

    @Test(
        arguments: [
            Behaviour.status(400), .status(403), .status(404), .status(409), .status(501), .status(204),
            .body(#"{"success": false, "message": "no"}"#), .body("<html>"), .body(""), .body(#"{"success": true}"#),
            .failure(.certificateRejected), .failure(.tlsFailed), .failure(.timedOut), .failure(.connectTimedOut),
            .failure(.nameNotResolved), .failure(.responseTooLarge(limit: 1)), .failure(.cancelled), .failure(.redirectRefused),
        ])
    func permanentErrorsAreNotRetried(_ behaviour: Behaviour) async throws {
        let outcome = try await outcome([behaviour, .success])
        #expect(outcome.error != nil)
        #expect(outcome.requests == [.zero])
        #expect(outcome.retries == 0)
    }

    @Test func pauseBeyondTheDeadlineIsNotWaitedFor() async throws {
        let outcome = try await outcome([.status(429, retryAfter: "31"), .success], timeout: .seconds(30))
        #expect(outcome.finalStatus == 429)
        #expect(outcome.end == .zero)
    }

    @Test func sumOfPausesStaysWithinTheDeadline() async throws {
        let outcome = try await outcome(Array(repeating: .status(429, retryAfter: "12"), count: 5), timeout: .seconds(30))
        #expect(outcome.requests == [0, 12, 24].map { .seconds($0) })
        #expect(outcome.end == .seconds(24))
        #expect(outcome.finalStatus == 429)
    }

    @Test func serverErrorAtTheDeadlineIsFinal() async throws {
        let outcome = try await outcome([.status(500), .success], timeout: .milliseconds(400))
        #expect(outcome.error != nil)
        #expect(outcome.requests == [.zero])
        #expect(outcome.end == .zero, "the call waited in vain")
    }

    @Test func hangingRequestEndsAtTheDeadline() async throws {
        let first = try await outcome([.hang], timeout: .seconds(30))
        #expect(first.end == .seconds(30))
        let second = try await outcome([.status(429, retryAfter: "10"), .hang], timeout: .seconds(30))
        #expect(second.end == .seconds(30))
        #expect(second.finalFailure == .timedOut)
    }

    @Test func refusedTokenIsReplacedOnce() async throws {
        let good = try await outcome([.status(401), .success])
        #expect(good.error == nil)
        #expect(good.tokens == ["first", "second"])
        let bad = try await outcome([.status(401), .status(401), .success])
        #expect(bad.tokens == ["first", "second"])
        #expect(bad.error?.description.contains("the access token was refused") == true)
    }

    @Test func waitingInLineDoesNotShortenTheRequestTimeout() async throws {
        try await SimulatedTime.run { time in
            let transport = TimedTransport(
                StubTransport { _ throws(TransferError) in
                    try? await time.sleep(for: .milliseconds(200))
                    return TransferResponse(status: .ok, body: Array(#"{"buckets": []}"#.utf8))
                }, time: time.source)
            let client = FlashbackClient(
                baseURL: .simulated, transport: transport, tokens: Tokens(),
                budget: RequestBudget(limit: 16, maximumRate: 1, time: time.source), timeout: .seconds(30), time: time.source)
            let answered = try await withThrowingTaskGroup { group in
                for _ in 0..<48 { group.addTask { try await client.send(ListBuckets()).rows.count } }
                return try await group.reduce(0) { sum, _ in sum + 1 }
            }
            #expect(answered == 48)
        }
    }

    // MARK: The stubbed API

    private func outcome(_ behaviours: [Behaviour], timeout: Duration = .seconds(30)) async throws -> Outcome {
        try await SimulatedTime.run { time in
            let outcome = NIOLockedValueBox(Outcome())
            let stub = StubTransport { request throws(TransferError) in
                // A request that tries the token elsewhere.
                guard request.url.hasSuffix("/bucket") else { return TransferResponse(status: .unauthorized) }
                let number = outcome.withLockedValue { outcome in
                    outcome.requests.append(time.uptime)
                    outcome.tokens.append(request.bearerToken?.reveal() ?? "")
                    return outcome.requests.count - 1
                }
                switch behaviours[min(number, behaviours.count - 1)] {
                case .status(let code, let retryAfter):
                    var fields: HTTPFields = [:]
                    fields[.retryAfter] = retryAfter
                    return TransferResponse(status: .init(code: code), headerFields: fields)
                case .body(let body): return TransferResponse(status: .ok, body: Array(body.utf8))
                case .failure(let kind): throw TransferError(kind: kind, message: "stub")
                case .hang:
                    try? await time.sleep(for: .seconds(1_000_000))
                    throw TransferError(kind: .cancelled, message: "stub")
                }
            }
            let statistics = RequestStatistics()
            let client = FlashbackClient(
                baseURL: .simulated, transport: TimedTransport(stub, time: time.source), tokens: Tokens(),
                budget: RequestBudget(limit: 4, time: time.source, jitter: { 1 }), timeout: timeout, statistics: statistics,
                time: time.source, jitter: { 1 })
            do throws(APIError) {
                _ = try await client.send(ListBuckets())
            } catch {
                outcome.withLockedValue { $0.error = error }
            }
            return outcome.withLockedValue { outcome in
                outcome.end = time.uptime
                outcome.retries = statistics.current().reduce(0) { $0 + $1.counts.retries }
                return outcome
            }
        }
    }

    /// Provides one token, and then another as its replacement.
    private final class Tokens: AccessTokenSource {
        private let current = NIOLockedValueBox("first")

        func accessToken() throws(AccessTokenError) -> AccessToken { try AccessToken(parsing: current.withLockedValue { $0 }) }
        func replacement(for refused: AccessToken) throws(AccessTokenError) -> AccessToken {
            current.withLockedValue { $0 = "second" }
            return try accessToken()
        }
        var report: AccessTokenReport { AccessTokenReport() }
    }
}

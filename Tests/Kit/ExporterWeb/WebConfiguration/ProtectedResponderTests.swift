import Configuration
import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

@testable import ExporterWeb

@Suite struct ProtectedResponderTests {
    private let time = ManualTime()

    private func responder(
        maximumRequests: Int = 0, _ policy: RequestPolicy = RequestPolicy(),
        answer: @escaping HTTPListener.Handler = { _ in .text(.ok, "answered", headerFields: [.contentSecurityPolicy: "own"]) }
    ) -> ProtectedResponder {
        ProtectedResponder(
            maximumRequests: { maximumRequests }, time: time.source, policy: { policy },
            authentication: BasicAuthentication { _, password in password == Array("right".utf8) }, responder: answer)
    }

    private func ask(_ responder: ProtectedResponder, _ path: String = "/metrics", password: String? = nil) async
        -> ListenerResponse
    {
        var head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: path)
        if let password { head.headerFields[.authorization] = "Basic " + Data("dave:\(password)".utf8).base64EncodedString() }
        return await responder.respond(to: ListenerRequest(head: head))
    }

    private func policy(_ change: (inout RequestPolicy) throws -> Void) rethrows -> RequestPolicy {
        var policy = RequestPolicy()
        try change(&policy)
        return policy
    }

    private func dave() throws -> BasicAuthenticationUsers {
        let text = "dave: $2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq"
        return try BasicAuthenticationUsers(try YAMLDocument.read(Array(text.utf8)))
    }

    @Test func everythingIsAnsweredWithoutAPolicy() async {
        let responder = responder()
        for path in ["/", "/metrics", "/-/healthy", "/nothing"] { #expect(await ask(responder, path).status == .ok) }
    }

    @Test func passwordIsRequiredExceptForHealth() async throws {
        let responder = responder(try policy { $0.users = try dave() })
        for path in [
            "/", "/metrics", "/nothing", "/-/healthy/", "/-/health", "/-/ready/x", "//-/healthy", "/-/%68ealthy", "/-/healthyx",
        ] {
            let response = await ask(responder, path)
            #expect(response.status == .unauthorized, "\(path)")
            #expect(response.headerFields[.wwwAuthenticate] == "Basic realm=\"flashback-exporter\", charset=\"UTF-8\"")
            #expect(await ask(responder, path, password: "wrong").status == .unauthorized)
            #expect(await ask(responder, path, password: "right").status == .ok)
        }
        for path in ["/-/healthy", "/-/ready", "/-/healthy?x=1"] { #expect(await ask(responder, path).status == .ok) }
    }

    @Test func configuredFieldsAreOnEveryResponse() async throws {
        let responder = responder(
            try policy {
                $0.headerFields = [.contentSecurityPolicy: "configured", .strictTransportSecurity: "max-age=1"]
                $0.users = try dave()
            })
        for (path, password) in [("/-/healthy", nil), ("/", "right"), ("/", nil)] as [(String, String?)] {
            let fields = await ask(responder, path, password: password).headerFields
            #expect(fields[.contentSecurityPolicy] == "configured")
            #expect(fields[.strictTransportSecurity] == "max-age=1")
        }
    }

    @Test func responsesAreNotCachedUnlessTheySayOtherwise() async throws {
        let protected = responder(try policy { $0.users = try dave() })
        for (path, password) in [("/-/healthy", nil), ("/metrics", "right"), ("/metrics", nil)] as [(String, String?)] {
            #expect(await ask(protected, path, password: password).headerFields[.cacheControl] == "no-store")
        }
        let own = responder { _ in .text(.ok, "answered", headerFields: [.cacheControl: "max-age=5"]) }
        #expect(await ask(own).headerFields[.cacheControl] == "max-age=5")
    }

    @Test func rateLimitIsATokenBucket() async {
        let responder = responder(policy { $0.rateLimit = RateLimit(interval: .seconds(10), burst: 3) })
        for _ in 0..<3 { #expect(await ask(responder).status == .ok) }
        let refused = await ask(responder)
        #expect(refused.status == .tooManyRequests)
        #expect(refused.headerFields[.retryAfter] == "10")
        #expect(await ask(responder, "/-/ready").status == .ok)
        time.advance(by: .seconds(7.5))
        #expect(await ask(responder).headerFields[.retryAfter] == "3")
        time.advance(by: .seconds(2.5))
        #expect(await ask(responder).status == .ok)
        #expect(await ask(responder).status == .tooManyRequests)
        // The bucket never holds more than the burst, however long it is idle.
        time.advance(by: .seconds(1000))
        for _ in 0..<3 { #expect(await ask(responder).status == .ok) }
        #expect(await ask(responder).status == .tooManyRequests)
    }

    @Test func rateLimitWithoutBurstRefusesAllButHealth() async {
        let responder = responder(policy { $0.rateLimit = RateLimit(interval: .seconds(1), burst: 0) })
        for _ in 0..<3 {
            #expect(await ask(responder).status == .tooManyRequests)
            #expect(await ask(responder, "/-/healthy").status == .ok)
            time.advance(by: .seconds(1000))
        }
    }

    @Test func rateLimitBoundsPasswordAttempts() async throws {
        let responder = responder(
            try policy {
                $0.users = try dave()
                $0.rateLimit = RateLimit(interval: .seconds(1), burst: 1)
            })
        #expect(await ask(responder, password: "wrong").status == .unauthorized)
        #expect(await ask(responder, password: "right").status == .tooManyRequests)
    }

    @Test func changedRateLimitStartsAnew() {
        let limiter = RequestRateLimiter(uptime: { [time] in time.uptime })
        let slow = RateLimit(interval: .seconds(60), burst: 1)
        #expect(limiter.wait(under: slow) == nil)
        #expect(limiter.wait(under: slow) == .seconds(60))
        #expect(limiter.wait(under: RateLimit(interval: .seconds(1), burst: 2)) == nil)
        #expect(limiter.wait(under: nil) == nil)
        #expect(limiter.wait(under: slow) == nil)
    }

    /// Answers `/metrics` when the test says so, and tells when it is asked.
    private struct HeldAnswers {
        let gate = AsyncStream.makeStream(of: Void.self)
        let start = AsyncStream.makeStream(of: Void.self)

        func answer(_ request: ListenerRequest) async -> ListenerResponse {
            start.continuation.yield()
            if request.path == "/metrics" { for await _ in gate.stream { break } }
            return .text(.ok, "answered")
        }

        func begun(_ count: Int) async {
            var begun = start.stream.makeAsyncIterator()
            for _ in 0..<count { _ = await begun.next() }
        }
    }

    @Test func concurrentRequestsAreLimited() async {
        let held = HeldAnswers()
        let responder = responder(maximumRequests: 2) { await held.answer($0) }
        await withTaskGroup(of: HTTPResponse.Status.self) { group in
            for _ in 0..<2 { group.addTask { await ask(responder).status } }
            await held.begun(2)
            async let late = ask(responder, "/")
            await time.clock.waitForSleepers()
            #expect(await ask(responder, "/-/healthy").status == .ok)
            time.advance(by: RequestsInFlight.patience)
            let refused = await late
            #expect(refused.status == .serviceUnavailable)
            #expect(refused.headerFields[.retryAfter] == "1")
            #expect(
                String(decoding: refused.body.bytes, as: UTF8.self)
                    == "The limit of 2 concurrent requests is reached.\n")
            held.gate.continuation.finish()
            for await status in group { #expect(status == .ok) }
        }
        // The places are free again.
        for _ in 0..<3 { #expect(await ask(responder, "/").status == .ok) }
    }

    /// Runs a body while a request occupies the only place, which the body must release.
    private func withOccupiedPlace(_ body: (ProtectedResponder, _ release: () -> Void) async -> Void) async {
        let held = HeldAnswers()
        let responder = responder(maximumRequests: 1) { await held.answer($0) }
        async let first = ask(responder)
        await held.begun(1)
        await body(responder) { held.gate.continuation.finish() }
        #expect(await first.status == .ok)
        #expect(await ask(responder, "/").status == .ok)
        // Nothing waits any more that could be too late.
        time.advance(by: .seconds(10))
        #expect(await ask(responder, "/").status == .ok)
    }

    @Test func requestsOverTheLimitWaitForAPlace() async {
        await withOccupiedPlace { responder, release in
            await withTaskGroup(of: HTTPResponse.Status.self) { group in
                for _ in 0..<100 { group.addTask { await ask(responder, "/").status } }
                await time.clock.waitForSleepers()
                time.advance(by: RequestsInFlight.patience - .milliseconds(1))
                release()
                for await status in group { #expect(status == .ok) }
            }
        }
    }

    @Test func requestsBeyondTheLongestLineAreRefusedAtOnce() async {
        await withOccupiedPlace { responder, release in
            await withTaskGroup(of: HTTPResponse.Status.self) { group in
                for _ in 0..<(RequestsInFlight.maximumWaiting + 1) { group.addTask { await ask(responder, "/").status } }
                // The time stands still: only the request that found the line full can end.
                #expect(await group.next() == .serviceUnavailable)
                release()
                for await status in group { #expect(status == .ok) }
            }
        }
    }

    @Test func cancelledRequestLeavesTheLine() async {
        await withOccupiedPlace { responder, release in
            let waiting = Task { await ask(responder, "/").status }
            await time.clock.waitForSleepers()
            waiting.cancel()
            #expect(await waiting.value == .serviceUnavailable)
            release()
        }
    }

    @Test func unauthenticatedRequestsTakeNoPlace() async throws {
        let asked = NIOLockedValueBox(0)
        let responder = responder(maximumRequests: 1, try policy { $0.users = try dave() }) { _ in
            asked.withLockedValue { $0 += 1 }
            return .text(.ok, "answered")
        }
        #expect(await ask(responder).status == .unauthorized)
        #expect(asked.withLockedValue { $0 } == 0)
        #expect(await ask(responder, password: "right").status == .ok)
    }
}

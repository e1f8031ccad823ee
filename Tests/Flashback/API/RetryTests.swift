import Basics
import FlashbackAPI
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

/// Which requests are retried, and which are not.
@Suite struct RetryTests {
    private let time = ManualTime()

    /// A transport that answers with these statuses one after the other, the last one forever.
    private func transport(_ statuses: [Int], headerFields: HTTPFields = [:]) -> StubTransport {
        let left = NIOLockedValueBox(statuses)
        return StubTransport { _ throws(TransferError) in
            let code = left.withLockedValue { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return TransferResponse(status: .init(code: code), headerFields: headerFields, body: Array("[]".utf8))
        }
    }

    @Test(arguments: [500, 502, 503, 504])
    func serverErrorIsRetriedOnce(_ code: Int) async throws {
        let transport = transport([code, 200])
        let client = try client(transport, time: time, retries: .standard)
        async let answer = client.send(ListBuckets())
        await time.clock.waitForSleepers()
        #expect(transport.requests.count == 1)
        time.advance(by: .milliseconds(250))
        #expect(try await answer.rows.isEmpty)
        #expect(transport.requests.count == 2)
        #expect(client.statistics.current().first?.counts.retries == 1)
    }

    @Test func secondServerErrorIsFinal() async throws {
        let transport = transport([500])
        let client = try client(transport, time: time, retries: .standard)
        async let error = failure(client, ListBuckets())
        await time.clock.waitForSleepers()
        time.advance(by: .seconds(1))
        #expect(await error != nil)
        #expect(transport.requests.count == 2)
    }

    @Test(arguments: [400, 403, 404, 501])
    func otherErrorsAreFinal(_ code: Int) async throws {
        let transport = transport([code])
        #expect(await failure(try client(transport, time: time, retries: .standard), ListBuckets()) != nil)
        #expect(transport.requests.count == 1)
    }

    @Test func retryAfterIsWaitedFor() async throws {
        let transport = transport([429, 200], headerFields: [.retryAfter: "7"])
        let client = try client(transport, time: time, retries: .standard)
        async let answer = client.send(ListBuckets())
        await time.clock.waitForSleepers()
        time.advance(by: .milliseconds(6999))
        #expect(transport.requests.count == 1)
        await time.clock.waitForSleepers()
        time.advance(by: .seconds(3))
        #expect(try await answer.rows.isEmpty)
        #expect(transport.requests.count == 2)
    }

    @Test func longRetryAfterIsNotWaitedFor() async throws {
        let transport = transport([429], headerFields: [.retryAfter: "3600"])
        let client = try client(transport, time: time, retries: .standard)
        #expect(await failure(client, ListBuckets()) != nil)
        let second = try #require(await failure(client, ListBuckets()))
        #expect(transport.requests.count == 1)
        #expect("\(second)".contains("a pause of another 3600 s"), "\(second)")
    }

    @Test func refusedTokenIsNotSentAgain() async throws {
        let transport = transport([401])
        let client = try client(transport, time: time, retries: .standard)
        for _ in 0..<3 { #expect(await failure(client, ListBuckets()) != nil) }
        // One request, and one for each of the other lists, which might accept the token.
        #expect(transport.requests.count == 3)
    }

    @Test func replacedTokenIsUsedAtOnce() async throws {
        final class Store: AccessTokenStore {
            let text = NIOLockedValueBox("first")
            func token() throws(AccessTokenError) -> AccessToken { try AccessToken(parsing: text.withLockedValue { $0 }) }
        }
        let store = Store()
        let transport = StubTransport { request throws(TransferError) in
            // The token is renewed while the old one is being rejected.
            store.text.withLockedValue { $0 = "second" }
            return TransferResponse(
                status: request.bearerToken?.reveal() == "second" ? .ok : .unauthorized, body: Array("[]".utf8))
        }
        let client = FlashbackClient(
            baseURL: try APIBaseURL(parsing: "https://api.example.com"), transport: transport,
            tokens: StoredAccessToken(store, time: time.source), budget: RequestBudget(limit: 1, time: time.source),
            time: time.source)
        #expect(try await client.send(ListBuckets()).rows.isEmpty)
        #expect(transport.requests.map { $0.bearerToken?.reveal() } == ["first", "second"])
    }
}

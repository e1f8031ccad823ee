import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

/// An API answers 401 to a token that it does not take, and to a request that the token's account may not make.
@Suite struct RefusedRequestTests {
    @Test(
        arguments: ["/bucket/available", "/bucket"])
    func tokenStaysInUseWhenTheFirstAnswerIs401(_ forbidden: String) async throws {
        try await SimulatedTime.run { time in
            let api = API(time, forbidden: [forbidden])
            let client = try api.client(storing: "good")
            for _ in 0..<20 {
                if forbidden == "/bucket/available" { #expect(await failure(client, ListAvailableBuckets()) != nil) }
                #expect(await (failure(client, ListBuckets()) == nil) == (forbidden != "/bucket"))
                #expect(await failure(client, ListBucketTotals()) == nil)
                try await time.sleep(for: .seconds(1))
            }
            // Each asked 20 times, and one trial.
            #expect(api.requests.count == (forbidden == "/bucket" ? 41 : 61))
        }
    }

    @Test func errorReportsAMissingRightInOneLine() async throws {
        let api = API(ManualTime(), forbidden: ["/bucket/available"])
        let error = try #require(await failure(try api.client(storing: "good"), ListAvailableBuckets()))
        #expect(
            "\(error)" == "GET /bucket/available: HTTP 401: the account may not read this; its token works for other "
                + "requests; give it access (the API says: no)")
    }

    @Test func bucketWithoutRightsCostsNoRenewalAndOneTrialPerToken() async throws {
        try await SimulatedTime.run { time in
            let api = API(time, forbidden: ["/bucket/b1/status"])
            let grant = Grant(time, api)
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger))
            for _ in 0..<(3 * 120) {
                // The refused one alone after the lists: nothing else is newer evidence.
                #expect(await failure(client, ListBuckets()) == nil)
                try await time.sleep(for: .seconds(1))
                #expect(await failure(client, ReadBucketStatus(bucketID: "b1")) != nil)
                #expect(await failure(client, ReadBucketStatus(bucketID: "b2")) == nil)
                try await time.sleep(for: .seconds(29))
            }
            // Three hours: at the start and at four fifths of each hour.
            #expect(grant.count == 4)
            #expect(api.count("/bucket/b1/status") == 360)
            #expect(api.requests.count == 3 * 360 + 4)
        }
    }

    @Test func simultaneousRefusalsShareOneTrial() async throws {
        try await SimulatedTime.run { time in
            let forbidden = Set((0..<100).map { "/bucket/\($0)/status" })
            let api = API(time, forbidden: forbidden, latency: .milliseconds(50))
            let grant = Grant(time, api)
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger), limit: 20)
            _ = try await client.send(ListBucketTotals())
            await withTaskGroup { group in
                for number in 0..<100 {
                    group.addTask { #expect(await failure(client, ReadBucketStatus(bucketID: "\(number)")) != nil) }
                }
            }
            #expect(grant.count == 1)
            #expect(api.requests.count <= 1 + 100 + 5)
            // All that are asked again are known.
            let before = api.requests.count
            for number in 0..<100 { #expect(await failure(client, ReadBucketStatus(bucketID: "\(number)")) != nil) }
            #expect(api.requests.count == before + 100)
        }
    }

    @Test func revokedTokenIsRenewedAtOnce() async throws {
        try await SimulatedTime.run { time in
            let api = API(time, latency: .milliseconds(10))
            let grant = Grant(time, api)
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger))
            for round in 1...5 {
                let failures = await withTaskGroup { group in
                    for number in 0..<16 {
                        group.addTask { await failure(client, ReadBucketStatus(bucketID: "\(number)")) == nil ? 0 : 1 }
                    }
                    return await group.reduce(0, +)
                }
                #expect(failures == 0)
                #expect(grant.count == round)
                try await time.sleep(for: .seconds(90))
                api.acceptOnly()
            }
            #expect(time.uptime < .seconds(5 * 91))
        }
    }

    @Test func revokedTokenIsRenewedThoughAllRequestsWereForbiddenBefore() async throws {
        try await SimulatedTime.run { time in
            let api = API(time, forbidden: ["/bucket", "/bucket/stats"])
            let grant = Grant(time, api)
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger))
            #expect(await failure(client, ListBuckets()) != nil)
            #expect(await failure(client, ListBucketTotals()) != nil)
            #expect(grant.count == 1)
            api.forbidden = []
            api.acceptOnly()
            try await time.sleep(for: .seconds(61))
            #expect(await failure(client, ListBuckets()) == nil)
            #expect(grant.count == 2)
        }
    }

    @Test func tokenFileIsReadAgainAtTheFirst401() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("good", to: "token")
            try await SimulatedTime.run { time in
                let api = API(time)
                let client = api.client(
                    StoredAccessToken(try AccessTokenFile(path: folder.path("token")), time: time.source))
                _ = try await client.send(ListBuckets())
                try await time.sleep(for: .seconds(1))
                api.acceptOnly("renewed")
                let error = try #require(await failure(client, ListBucketTotals()))
                #expect("\(error)".contains("the access token was refused; provide one that has not expired"))
                let count = api.requests.count
                #expect(await failure(client, ListBuckets()) != nil)
                #expect(api.requests.count == count, "the refused token was sent again")
                try folder.write("renewed", to: "token")
                _ = try await client.send(ListBuckets())
            }
        }
    }

    @Test func withdrawnRightsDoNotCountAgainstTheToken() async throws {
        try await SimulatedTime.run { time in
            let api = API(time)
            let grant = Grant(time, api)
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger))
            _ = try await client.send(ListBuckets())
            for bucket in ["b1", "b2"] as [Identifier] { _ = try await client.send(ReadBucketStatus(bucketID: bucket)) }
            api.forbidden = ["/bucket/b1/status", "/bucket/b2/status"]
            try await time.sleep(for: .seconds(30))
            #expect(await failure(client, ReadBucketStatus(bucketID: "b1")) != nil)
            #expect(await failure(client, ListBuckets()) == nil)
            #expect(grant.count == 1)
        }
    }

    @Test func cancelledRequestLeavesTheTrialToOthers() async throws {
        try await SimulatedTime.run { time in
            let api = API(time, forbidden: ["/bucket/b1/status", "/bucket/b2/status"], latency: .seconds(1))
            let client = try api.client(storing: "good")
            let first = Task { await failure(client, ReadBucketStatus(bucketID: "b1")) }
            let second = Task { await failure(client, ReadBucketStatus(bucketID: "b2")) }
            try await time.sleep(for: .milliseconds(1500))
            first.cancel()
            #expect(await first.value?.isCancellation == true)
            #expect("\(String(describing: await second.value))".contains("may not read this"))
            _ = try await client.send(ListBuckets())
        }
    }

    /// An API that takes one token, and refuses some paths even with it.
    private final class API: Sendable {
        private struct State {
            var good: Set<String> = ["good"]
            var forbidden: Set<String>
            var requests: [String] = []
        }

        private let time: ManualTime
        private let latency: Duration
        private let state: NIOLockedValueBox<State>

        init(_ time: ManualTime, forbidden: Set<String> = [], latency: Duration = .zero) {
            self.time = time
            self.latency = latency
            state = NIOLockedValueBox(State(forbidden: forbidden))
        }

        /// Takes another token too.
        func accept(_ token: String) { state.withLockedValue { _ = $0.good.insert(token) } }

        /// Takes these tokens only.
        func acceptOnly(_ tokens: String...) { state.withLockedValue { $0.good = Set(tokens) } }

        var forbidden: Set<String> {
            get { state.withLockedValue { $0.forbidden } }
            set { state.withLockedValue { $0.forbidden = newValue } }
        }

        /// The paths that were asked for.
        var requests: [String] { state.withLockedValue { $0.requests } }

        func count(_ path: String) -> Int { requests.count { $0 == path } }

        func client(storing token: String) throws -> FlashbackClient {
            client(StoredAccessToken(AccessTokenVariable(try AccessToken(parsing: token)), time: time.source))
        }

        func client(_ tokens: any AccessTokenSource, limit: Int = 16) -> FlashbackClient {
            let stub = StubTransport { [self] request throws(TransferError) in
                let path = String(request.url.dropFirst(APIBaseURL.simulated.description.count))
                let isTaken = state.withLockedValue { state in
                    state.requests.append(path)
                    return state.good.contains(request.bearerToken?.reveal() ?? "") && !state.forbidden.contains(path)
                }
                if latency > .zero { try? await time.sleep(for: latency) }
                return isTaken
                    ? TransferResponse(status: .ok, body: Array("[]".utf8))
                    : TransferResponse(status: .unauthorized, body: Array(#"{"message": "no"}"#.utf8))
            }
            return FlashbackClient(
                baseURL: .simulated, transport: TimedTransport(stub, time: time.source), tokens: tokens,
                budget: RequestBudget(limit: limit, time: time.source), time: time.source)
        }
    }

    /// Gives out tokens that the API takes from then on, for an hour.
    private final class Grant: AccessTokenGrant {
        private let time: ManualTime
        private let api: API
        private let given = NIOLockedValueBox(0)

        init(_ time: ManualTime, _ api: API) {
            self.time = time
            self.api = api
        }

        var count: Int { given.withLockedValue { $0 } }

        func token(after current: AccessToken?) throws(AccessTokenError) -> AccessToken {
            let number = given.withLockedValue { given in
                given += 1
                return given
            }
            let token = webToken(expiringAt: time.now.addingTimeInterval(3600), name: "token \(number)")
            api.accept(token)
            return try AccessToken(parsing: token)
        }
    }
}

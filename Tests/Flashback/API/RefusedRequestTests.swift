import Basics
import FlashbackAPI
import TestSupport
import TestTools
import Testing

/// An API answers 401 to an invalid token, and to a request that the token's account may not make.
@Suite struct RefusedRequestTests {
    @Test(
        arguments: ["/bucket/available", "/bucket"])
    func tokenStaysInUseWhenTheFirstAnswerIs401(_ forbidden: String) async throws {
        try await SimulatedTime.run { time in
            let api = SelectiveAPI(time, forbidden: [forbidden])
            let client = try api.client(storing: "good")
            for _ in 0..<20 {
                if forbidden == "/bucket/available" { #expect(await failure(client, ListAvailableBuckets()) != nil) }
                #expect(await (failure(client, ListBuckets()) == nil) == (forbidden != "/bucket"))
                #expect(await failure(client, ListBucketTotals()) == nil)
                try await time.sleep(for: .seconds(1))
            }
            // 20 requests each, and one trial.
            #expect(api.requests.count == (forbidden == "/bucket" ? 41 : 61))
        }
    }

    @Test func errorReportsAMissingRightInOneLine() async throws {
        let api = SelectiveAPI(ManualTime(), forbidden: ["/bucket/available"])
        let error = try #require(await failure(try api.client(storing: "good"), ListAvailableBuckets()))
        #expect(
            "\(error)" == "GET /bucket/available: HTTP 401: the account has no permission for this request, although its "
                + "token is valid; give it access (the API says: no)")
    }

    @Test func bucketWithoutRightsCostsNoRenewalAndOneTrialPerToken() async throws {
        try await SimulatedTime.run { time in
            let api = SelectiveAPI(time, forbidden: ["/bucket/b1/status"])
            let grant = CountedGrant(time, api)
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger))
            for _ in 0..<(3 * 120) {
                // Only the rejected one after the lists: no other request is newer evidence.
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
            let api = SelectiveAPI(time, forbidden: forbidden, latency: .milliseconds(50))
            let grant = CountedGrant(time, api)
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger), limit: 20)
            _ = try await client.send(ListBucketTotals())
            await withTaskGroup { group in
                for number in 0..<100 {
                    group.addTask { #expect(await failure(client, ReadBucketStatus(bucketID: "\(number)")) != nil) }
                }
            }
            #expect(grant.count == 1)
            #expect(api.requests.count <= 1 + 100 + 5)
            // All repeated requests are known.
            let before = api.requests.count
            for number in 0..<100 { #expect(await failure(client, ReadBucketStatus(bucketID: "\(number)")) != nil) }
            #expect(api.requests.count == before + 100)
        }
    }

    @Test func revokedTokenIsRenewedAtOnce() async throws {
        try await SimulatedTime.run { time in
            let api = SelectiveAPI(time, latency: .milliseconds(10))
            let grant = CountedGrant(time, api)
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
            let api = SelectiveAPI(time, forbidden: ["/bucket", "/bucket/stats"])
            let grant = CountedGrant(time, api)
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
                let api = SelectiveAPI(time)
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
            let api = SelectiveAPI(time)
            let grant = CountedGrant(time, api)
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
            let api = SelectiveAPI(time, forbidden: ["/bucket/b1/status", "/bucket/b2/status"], latency: .seconds(1))
            let client = try api.client(storing: "good")
            let first = Task { await failure(client, ReadBucketStatus(bucketID: "b1")) }
            let second = Task { await failure(client, ReadBucketStatus(bucketID: "b2")) }
            try await time.sleep(for: .milliseconds(1500))
            first.cancel()
            #expect(await first.value?.isCancellation == true)
            #expect("\(String(describing: await second.value))".contains("has no permission for this request"))
            _ = try await client.send(ListBuckets())
        }
    }
}

import Basics
import FlashbackAPI
import TestSupport
import Testing

/// A 401 when no other request shows whether the API rejects the token or only the request, or when the new token is late.
@Suite struct UnprovenTokenTests {
    private static let bucket = ReadBucketStatus(bucketID: "b1")
    private static let unproven =
        "GET /bucket/{bucketId}/status: HTTP 401: the API rejected the access token or only this request, and no other request "
        + "succeeds to show which (the API says: no)"

    @Test(arguments: [500, 503, 429, 403, nil] as [Int?])
    func outageOfTheListsDoesNotCondemnAStoredToken(_ status: Int?) async throws {
        try await SimulatedTime.run { time in
            let api = SelectiveAPI(time, forbidden: ["/bucket/b1/status"])
            let client = try api.client(storing: "good")
            _ = try await client.send(ListBuckets())
            for path in SelectiveAPI.lists { api.answer(path, with: status) }
            // Longer than an accepted request counts as evidence.
            try await time.sleep(for: .seconds(90))
            let error = try #require(await failure(client, Self.bucket))
            #expect("\(error)" == Self.unproven)
            api.recover()
            try await time.sleep(for: .seconds(2))
            #expect(await failure(client, ListBuckets()) == nil, "the token was not sent again")
        }
    }

    @Test func outageOfTheListsCausesNoRenewal() async throws {
        try await SimulatedTime.run { time in
            let api = SelectiveAPI(time, forbidden: ["/bucket/b1/status"])
            let grant = CountedGrant(time, api)
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger))
            _ = try await client.send(ListBuckets())
            for path in SelectiveAPI.lists { api.answer(path, with: 503) }
            for _ in 0..<3 {
                try await time.sleep(for: .seconds(90))
                #expect("\(String(describing: await failure(client, Self.bucket)))".contains("rejected the access token or"))
            }
            #expect(grant.count == 1)
        }
    }

    @Test func trialThatAPauseForbidsDoesNotCondemnTheToken() async throws {
        try await SimulatedTime.run { time in
            let api = SelectiveAPI(time, forbidden: ["/bucket/b1/status"], latency: .seconds(1))
            let client = try api.client(storing: "good")
            let first = Task { await failure(client, Self.bucket) }
            try await time.sleep(for: .milliseconds(500))
            let place = try await client.budget.acquire(until: .seconds(60))
            client.budget.releaseThrottled(place, retryAfter: .seconds(120))
            #expect("\(String(describing: await first.value))".contains("rejected the access token or"))
            #expect(api.requests.count == 1, "no trial is possible during the pause")
            try await time.sleep(for: .seconds(120))
            #expect(await failure(client, ListBuckets()) == nil)
        }
    }

    @Test func tokenThatOneListRejectsAndNoneAcceptsIsRefused() async throws {
        try await SimulatedTime.run { time in
            let api = SelectiveAPI(time)
            let client = try api.client(storing: "bad")
            for path in SelectiveAPI.lists.dropFirst() { api.answer(path, with: 503) }
            let error = try #require(await failure(client, Self.bucket))
            #expect("\(error)".contains("the access token was refused; provide one that has not expired"))
        }
    }

    @Test func renewalThatOutlastsTheCallIsNoMissingRight() async throws {
        try await SimulatedTime.run { time in
            let api = SelectiveAPI(time)
            let grant = CountedGrant(time, api, latency: .seconds(40))
            let client = api.client(RenewedAccessToken(grant, time: time.source, logger: RecordedLog().logger))
            _ = try await client.send(ListBuckets())
            try await time.sleep(for: .seconds(90))
            api.acceptOnly()
            async let list = failure(client, ListBuckets())
            async let bucket = failure(client, Self.bucket)
            let errors = await [list, bucket].map { "\(String(describing: $0))" }
            for error in errors {
                #expect(error.contains("HTTP 401: the access token was refused; its replacement came too late"))
            }
            #expect(grant.count == 2)
            #expect(await failure(client, ListBuckets()) == nil)
        }
    }
}

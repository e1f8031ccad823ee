import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import TestSupport
import Testing

/// The request of each endpoint.
@Suite struct EndpointTests {
    private static let day = UTCDay(Date(timeIntervalSince1970: 1_705_314_600))

    /// A request as seen by the server.
    private struct Sent: Equatable {
        var method: HTTPRequest.Method = .get
        var url: String
        var body: String?
    }

    private func sent<Asked: Endpoint>(_ endpoint: Asked, baseURL: String = "https://api.example.com") async throws -> Sent {
        let transport = StubTransport("[]")
        _ = try? await client(transport, baseURL: baseURL).send(endpoint)
        let request = try #require(transport.requests.first)
        return Sent(method: request.method, url: request.url, body: request.body.map { String(decoding: $0, as: UTF8.self) })
    }

    @Test func requestsMatchTheDocumentation() async throws {
        #expect(try await sent(ListBuckets()) == Sent(url: "https://api.example.com/bucket"))
        #expect(try await sent(ListAvailableBuckets()) == Sent(url: "https://api.example.com/bucket/available"))
        #expect(try await sent(ListBucketTotals()) == Sent(url: "https://api.example.com/bucket/stats"))
        // The account.
        #expect(try await sent(ReadQuota()) == Sent(url: "https://api.example.com/user/quota"))
        #expect(try await sent(ReadCreditBalance()) == Sent(url: "https://api.example.com/credits/balance"))
        #expect(try await sent(ListWorkspaces()) == Sent(url: "https://api.example.com/workspace"))
        #expect(try await sent(ReadBucketStatus(bucketID: "b-1")) == Sent(url: "https://api.example.com/bucket/b-1/status"))
        #expect(
            try await sent(ReadBucketDailyStatistics(bucketID: "b-1", day: Self.day))
                == Sent(
                    method: .post, url: "https://api.example.com/bucket/b-1/stats", body: #"{"day":"2024-01-15T00:00:00.000Z"}"#))
    }

    @Test func repositoriesNodesAndTrafficAreRequestedAsDocumented() async throws {
        #expect(try await sent(ListRepositories()) == Sent(url: "https://api.example.com/repo"))
        #expect(try await sent(ListRepositories(workspaceID: "w 1")).url == "https://api.example.com/repo?workspaceId=w%201")
        #expect(try await sent(ListRepositoryTotals()) == Sent(url: "https://api.example.com/repo/stats"))
        #expect(try await sent(ListNodes()) == Sent(url: "https://api.example.com/node?nodeServices=1"))
        #expect(
            try await sent(ReadTrafficBreakdown<TrafficByBucket>(limit: 100, offset: 200))
                == Sent(
                    url: "https://api.example.com/v2/stats/storage/breakdown/buckets?scope=org&window=24h&limit=100&offset=200"))
        #expect(ListRepositories.name.description == "GET /repo")
        #expect(ListRepositoryTotals.name.description == "GET /repo/stats")
        #expect(ListNodes.name.description == "GET /node")
        #expect(ReadTrafficBreakdown<TrafficByNode>.name.description == "GET /v2/stats/storage/breakdown/nodes")
    }

    @Test func namesMatchTheDocumentation() {
        #expect(ListBuckets.name.description == "GET /bucket")
        #expect(ListAvailableBuckets.name.description == "GET /bucket/available")
        #expect(ListBucketTotals.name.description == "GET /bucket/stats")
        #expect(ReadBucketStatus.name.description == "GET /bucket/{bucketId}/status")
        #expect(ReadBucketDailyStatistics.name.description == "POST /bucket/{bucketId}/stats")
        #expect(ListBuckets.name < ListBucketTotals.name && !(ListBuckets.name < ListBuckets.name))
    }

    @Test func pathOfTheBaseURLComesFirst() async throws {
        #expect(try await sent(ListBuckets(), baseURL: "https://host:8443/api/").url == "https://host:8443/api/bucket")
    }

    @Test func workspaceIsAQueryParameter() async throws {
        #expect(
            try await sent(ListBuckets(workspaceID: "w 1&x=2#é")).url
                == "https://api.example.com/bucket?workspaceId=w%201%26x%3D2%23%C3%A9")
        #expect(try await sent(ListBuckets(workspaceID: "")).url == "https://api.example.com/bucket?workspaceId=")
    }

    @Test(arguments: [
        ("../x", "..%2Fx"), ("a/b?c#d%", "a%2Fb%3Fc%23d%25"), ("é🦊", "%C3%A9%F0%9F%A6%8A"), ("a b+c", "a%20b%2Bc"),
        ("%2e%2e", "%252e%252e"),
        ("a\r\nb\0", "a%0D%0Ab%00"), ("AZaz09-._~", "AZaz09-._~"), ("...", "..."), ("@:;=&$", "%40%3A%3B%3D%26%24"),
        ("\\", "%5C"),
    ])
    func identifierStaysInItsSegment(_ id: String, _ encoded: String) async throws {
        #expect(
            try await sent(ReadBucketStatus(bucketID: Identifier(id))).url == "https://api.example.com/bucket/\(encoded)/status")
        #expect(
            try await sent(ReadBucketDailyStatistics(bucketID: Identifier(id), day: Self.day)).url
                == "https://api.example.com/bucket/\(encoded)/stats")
    }

    /// Proxies and servers remove the segments `.` and `..` from the path, percent-encoded or not (RFC 3986 section 5.2.4).
    @Test(arguments: [".", ".."])
    func dotSegmentsAreNotIdentifiers(_ id: String) async throws {
        let buckets = try await client(StubTransport("[{\"id\":\"\(id)\"},{\"id\":\"1\"}]")).send(ListBuckets())
        #expect(buckets.rows.map(\.id) == ["1"])
        #expect(buckets.malformedRows == 1)
    }

    @Test func headerFieldsDeclareContentAndAcceptedTypes() async throws {
        let transport = StubTransport("[]")
        let client = try client(transport)
        _ = try await client.send(ListBuckets())
        _ = try await client.send(ReadBucketDailyStatistics(bucketID: "1", day: Self.day))
        #expect(transport.requests.map { $0.headerFields[.accept] } == ["application/json", "application/json"])
        #expect(transport.requests.map { $0.headerFields[.contentType] } == [nil, "application/json"])
        #expect(transport.requests.allSatisfy { $0.bearerToken?.reveal() == "hunter2" && $0.headerFields[.authorization] == nil })
    }
}

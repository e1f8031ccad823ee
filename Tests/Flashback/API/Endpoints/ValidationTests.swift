import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// POST /bucket/{bucketId}/validate, which does more than read.
@Suite struct ValidationTests {
    private func validation(_ body: String) async throws -> BucketValidation {
        try await client(StubTransport(body)).send(ValidateBucket(bucketID: "b-1"))
    }

    @Test func itIsAskedAsDocumented() async throws {
        let transport = StubTransport(#"{"success":true}"#)
        _ = try await client(transport).send(ValidateBucket(bucketID: "../a b?c#é\n"))
        let request = try #require(transport.requests.first)
        #expect(request.method == .post)
        #expect(request.url == "https://api.example.com/bucket/..%2Fa%20b%3Fc%23%C3%A9%0A/validate")
        #expect(request.body == nil)
        #expect(ValidateBucket.name.description == "POST /bucket/{bucketId}/validate")
    }

    @Test(arguments: [#""latency_ms":45"#, #""latencyMs":45"#, #""latency_ms":"45""#, #""latency_ms":null,"latencyMs":45.0"#])
    func everySpellingIsRead(_ latency: String) async throws {
        let read = try await validation("{\"success\":true,\"message\":\"fine\",\"status\":\"ONLINE\",\(latency)}")
        #expect(read == BucketValidation(status: .online, latencyMilliseconds: 45))
    }

    @Test func missingAndImpossibleFieldsAreUnknown() async throws {
        let nothing = BucketValidation(status: nil, latencyMilliseconds: nil)
        #expect(try await validation("{}") == nothing)
        #expect(try await validation(#"{"status":7,"latency_ms":-1}"#) == nothing)
        #expect(try await validation(#"{"status":null,"latency_ms":1e300}"#) == nothing)
        #expect(try await validation(#"{"status":"SHAKY"}"#).status == .unknown(word: "SHAKY"))
    }

    @Test(arguments: ["", "[]", "{", "null", #"{"success":false,"message":"no node"}"#])
    func anythingElseIsAnError(_ body: String) async throws {
        let error = await failure(try client(StubTransport(body)), ValidateBucket(bucketID: "b-1"))
        guard case .answer = error?.reason else {
            Issue.record("\(body) is \(String(describing: error))")
            return
        }
    }

    @Test(arguments: [429, 500, 502, 503, 504])
    func aFailedRequestIsNotRepeated(_ status: Int) async throws {
        let transport = StubTransport { _ throws(TransferError) in
            TransferResponse(status: .init(code: status), headerFields: [.retryAfter: "1"], body: [])
        }
        let error = await failure(try client(transport, retries: .standard), ValidateBucket(bucketID: "b-1"))
        #expect(error != nil)
        #expect(transport.requests.count == 1)
    }

    @Test func aBrokenConnectionIsNotTriedAgain() async throws {
        let transport = StubTransport(failing: .connectionBroken)
        let error = await failure(try client(transport, retries: .standard), ValidateBucket(bucketID: "b-1"))
        #expect(error != nil)
        #expect(transport.requests.count == 1)
    }

    @Test func itNeverServesToTryAToken() async throws {
        let time = ManualTime()
        let isRefusing = NIOLockedValueBox(false)
        let transport = StubTransport { request throws(TransferError) in
            let isRefused = isRefusing.withLockedValue { $0 } && !request.url.hasSuffix("/validate")
            return TransferResponse(status: isRefused ? .unauthorized : .ok, body: Array("{}".utf8))
        }
        let client = try client(transport, time: time)
        _ = try await client.send(ValidateBucket(bucketID: "b-1"))
        isRefusing.withLockedValue { $0 = true }
        time.advance(by: .seconds(1))
        #expect(await failure(client, ListBuckets()) != nil)
        #expect(transport.requests.count { $0.url.hasSuffix("/validate") } == 1)
    }
}

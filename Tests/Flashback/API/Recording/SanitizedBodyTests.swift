import FlashbackAPI
import FlashbackRecording
import Foundation
import HTTPClient
import HTTPTypes
import TestSupport
import Testing

@Suite struct SanitizedBodyTests {
    private let time = ManualTime()

    private func recorded(_ body: [UInt8], from url: String = "/bucket") async throws -> RecordedExchange {
        let recorder = ExchangeRecorder(baseURL: .simulated, time: time.source)
        let transport = ObservedTransport(StubTransport(body), observer: recorder, time: time.source)
        _ = try await transport.execute(TransferRequest(method: .get, url: "http://simulated.invalid" + url))
        return try #require(recorder.recording(exporterVersion: "1").exchanges.first)
    }

    private func body(_ text: String, from url: String = "/bucket") async throws -> String {
        String(decoding: try #require(try await recorded(Array(text.utf8), from: url).body), as: UTF8.self)
    }

    @Test func numbersTimesAndKnownWordsAreKept() async throws {
        let body = try await body(
            #"""
            [ {"status":"Online","storageType":"AZURE","region":"eu-west-1","createdAt":"2024-01-15T10:30:00.123Z","totalCount":"9007199254740993",
            "totalUploadBytes":-1.5e3,"version":"1.10.2","master":true,"mode":null} ]
            """#)
        #expect(
            body == #"[{"status":"Online","storageType":"AZURE","region":"eu-west-1","createdAt":"2024-01-15T10:30:00.123Z","#
                + #""totalCount":"9007199254740993","totalUploadBytes":-1.5e3,"version":"1.10.2","master":true,"mode":null}]"#)
    }

    @Test func otherValuesBecomeTypeAndLength() async throws {
        let body = try await body(
            #"{"status":"sleeping","color":"blue","size":123,"isNew":true,"tags":[1,2],"owner":{"a":1},"apiKeyUuid":"abc","none":null}"#
        )
        #expect(
            body
                == #"{"status":"<string of 8 bytes>","color":"<string of 4 bytes>","size":"<number of 3 bytes>","isNew":"<boolean>","#
                + #""tags":"<array of 5 bytes>","owner":"<object of 7 bytes>","apiKeyUuid":"<secret>","none":null}"#)
    }

    @Test func pseudonymsAreConsistentAndKeepTheirForm() async throws {
        let body = try await body(
            #"""
            {"data":[{"ip":"203.0.113.9","nodeId":"203.0.113.9","bucketId":"b"},{"ip":"fe80::1","bucketId":"b"},{"ip":"a","bucketId":7,
            "url":"https://x.example.com/p","host":"?"}]}
            """#, from: "/node")
        #expect(
            body
                == #"{"data":[{"ip":"198.18.0.1","nodeId":"198.18.0.1","bucketId":"bucket-1"},{"ip":"2001:db8::0:2","bucketId":"bucket-1"},"#
                + #"{"ip":"node-3","bucketId":2,"url":"https://address-1.example","host":"/address-2"}]}"#)
    }

    @Test func mapsWithIdentifiersForNamesLoseTheNames() async throws {
        let letters = (0..<20).map { String(repeating: Character(Unicode.Scalar(UInt8(97 + $0))), count: 9) }
        let body = try await body("{" + letters.map { #""\#($0)":1"# }.joined(separator: ",") + "}")
        for name in letters { #expect(!body.contains(name)) }
        #expect(body.contains(#""field-20":"<number of 1 bytes>""#))
    }

    @Test func duplicateNamesStayDuplicates() async throws {
        #expect(try await body(#"{"id":"x","id":"y"}"#) == #"{"id":"bucket-1","id":"bucket-2"}"#)
    }

    @Test(arguments: [#"{"id":"x""#, "[1,", "", "<html></html>", "{\"id\":1}x", "nonsense"])
    func bodiesThatAreNotJSONBecomeTheirLength(text: String) async throws {
        let exchange = try await recorded(Array(text.utf8))
        #expect(exchange.body == nil)
        #expect(exchange.otherBodyBytes == text.utf8.count)
    }

    @Test func invalidUTF8IsNotCopied() async throws {
        let body = Array("[{\"id\":\"a".utf8) + [0xFF, 0xC0] + Array("\",\"x".utf8) + [0xFE] + Array("\":1,\"na\\u12\":2}]".utf8)
        let exchange = try await recorded(body)
        let recorded = exchange.body ?? []
        #expect(String(validating: recorded, as: UTF8.self) != nil)
        #expect(!recorded.contains(0xFF) && !recorded.contains(0xFE))
    }

    @Test func deepNestingIsCutOff() async throws {
        let deep = String(repeating: #"{"data":["#, count: 200) + #"{"id":"secret-7"}"# + String(repeating: "]}", count: 200)
        let body = try await body(deep)
        #expect(body.utf8.count < 400 && !body.contains("secret"))
        #expect(body.contains("<array of ") || body.contains("<object of "))
        #expect(try JSONSerialization.jsonObject(with: Data(body.utf8)) is [String: Any])
    }

    @Test(.timeLimit(.minutes(2))) func hugeBodiesAreRecorded() async throws {
        let row = #"{"id":"identifier-#","name":"a name","status":"ONLINE","unknown":{"a":[1,2,3]}}"#
        let rows = (0..<20_000).map { row.replacingOccurrences(of: "#", with: "\($0)") }
        let body = try await body("[" + rows.joined(separator: ",") + "]")
        #expect(body.contains(#""id":"bucket-20000""#) && !body.contains("identifier"))
    }

    @Test func requestsGetTheSamePseudonyms() async throws {
        let recorder = ExchangeRecorder(baseURL: .simulated, time: time.source)
        let transport = ObservedTransport(StubTransport(#"[{"id":"b/1"},{"id":"b2"}]"#), observer: recorder, time: time.source)
        for url in ["/bucket", "/bucket/b%2F1/stats", "/stats/nodes/minute?bucketId=b2%2Cb%2F1&startDate=15012024"] {
            time.advance(by: .milliseconds(1500))
            let isPost = url.hasSuffix("stats")
            _ = try await transport.execute(
                TransferRequest(
                    method: isPost ? .post : .get, url: "http://simulated.invalid" + url,
                    body: isPost ? Array(#"{"day":"2024-01-15T00:00:00.000Z"}"#.utf8) : nil))
        }
        let exchanges = recorder.recording(exporterVersion: "1").exchanges
        #expect(exchanges.map(\.path) == ["/bucket", "/bucket/bucket-1/stats", "/stats/nodes/minute"])
        #expect(exchanges.map(\.template) == ["/bucket", "/bucket/{bucketId}/stats", "/stats/nodes/minute"])
        #expect(exchanges.last?.query == "bucketId=bucket-2%2Cbucket-1&startDate=15012024")
        #expect(exchanges[1].requestBody == Array(#"{"day":"2024-01-15T00:00:00.000Z"}"#.utf8))
        #expect(exchanges.map(\.start) == [1500, 3000, 4500])
    }
}

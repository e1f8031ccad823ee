import Basics
import FlashbackAPI
import FlashbackRecording
import HTTPClient
import HTTPTypes
import TestSupport
import Testing

/// Nothing that identifies an account reaches a recording, wherever it occurs in the API's responses.
@Suite struct CanaryTests {
    private static let answers: [(method: HTTPRequest.Method, url: String, status: Int, body: String)] = [
        (
            .get, "/bucket?workspaceId=C01-canary", 200,
            #"""
            {"success":true,"message":"C02-canary","buckets":[{"id":"C03-canary","name":"C04-canary","bucket":"C05-canary",
            "storageType":"C06-canary","key":"C07-canary","secret":{"key":"C08-canary","iv":"C09-canary"},
            "endpoint":"https://C10-canary:C11-canary@C12-canary.example.com/C13-canary","region":"C14-canary","status":"C15-canary",
            "lastStatusAt":"C16-canary","createdAt":"2024-01-15T00:00:00Z C17-canary","workspaceId":"C18-canary","apiKeyId":"C19-canary",
            "C20-canary":1,"owner":{"email":"C21-canary@example.com"},"tags":["C22-canary"],"success":"C23-canary"}]}
            """#
        ),
        (
            .get, "/bucket/C24-canary/status", 200,
            #"""
            {"bucketId":"C25-canary","nodeStatus":[{"ip":"C26-canary","region":"us-C27-canary","version":"1.2.C28-canary",
            "status":"ONLINE","latency_ms":"C29-canary","lastUpdated":12}]}
            """#
        ),
        (
            .get, "/workspace", 200,
            #"""
            {"workspaces":[{"id":"C30-canary","name":"C31-canary","users":[{"user":{"email":"C32-canary"}}]}]}
            """#
        ),
        (.get, "/user/quota", 400, #"{"success":false,"error_code":"C33-canary","error_message":"C34-canary"}"#),
        (.get, "/C35-canary/x?C36-canary=C37-canary&limit=C38-canary", 500, "<html>C39-canary</html>"),
        (
            .post, "/user/login", 200,
            #"{"accessToken":"C40-canary","refresh_token":"C41-canary","expiresAt":1700000000,"user":"C42-canary"}"#
        ),
        (
            .get, "/repo", 200,
            #"[{"id":"a","name":"\u00433-canary C43-canary","units":[{"unit":{"id":"C44-canary","key":"C45-canary"}}]}]"#
        ),
        (.get, "/node", 200, "{\"data\":[{\"ip\":\"192.168.77.88\",\"url\":\"C46-canary\u{0}\"}]"),
    ]

    private static let bodyWithCredentials = #"{"email":"C47-canary@example.com","password":"C48-canary"}"#

    @Test func noneOfThemIsRecorded() async throws {
        let time = ManualTime()
        let recorder = ExchangeRecorder(baseURL: .simulated, time: time.source)
        for answer in Self.answers {
            let fields: HTTPFields = [
                .contentType: "application/C49-canary", .eTag: "C50-canary", .retryAfter: "C51-canary", .location: "C52-canary",
                .setCookie: "C53-canary", .server: "C54-canary", HTTPField.Name("X-RateLimit-Limit")!: "C55-canary",
            ]
            let stub = StubTransport { _ throws(TransferError) in
                TransferResponse(status: .init(code: answer.status), headerFields: fields, body: Array(answer.body.utf8))
            }
            let transport = ObservedTransport(stub, observer: recorder, time: time.source)
            _ = try await transport.execute(
                TransferRequest(
                    method: answer.method, url: "http://simulated.invalid" + answer.url,
                    headerFields: [.authorization: "Bearer C56-canary", .cookie: "C57-canary"],
                    body: answer.method == .post ? Array(Self.bodyWithCredentials.utf8) : nil, bearerToken: Secret("C58-canary")))
        }
        let stub = StubTransport(failing: .connectionFailed, message: "C59-canary")
        _ = try? await ObservedTransport(stub, observer: recorder, time: time.source).execute(
            TransferRequest(method: .get, url: "http://C60-canary.example.com/bucket"))

        let recording = recorder.recording(exporterVersion: "1.0")
        let text = String(decoding: recording.lines.flatMap(\.self), as: UTF8.self)
        let everything = text + recorder.summary.lines.joined(separator: "\n")
        #expect(recording.exchanges.count == Self.answers.count + 1)
        #expect(!everything.lowercased().contains("canary") && !everything.contains("192.168.77"), "\(everything)")
        #expect(everything.firstMatch(of: /[Cc][0-6][0-9]-/) == nil, "a part of one is left: \(everything)")
        // It is a real recording, not an empty file.
        #expect(try Recording(parsing: Array(text.utf8)) == recording)
        #expect(
            text.contains(#""id":"bucket-"#) && text.contains(#""secret":"<secret>""#) && text.contains(#""owner":"<object of "#))
    }
}

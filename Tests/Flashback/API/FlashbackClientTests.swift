import Basics
import FlashbackAPI
import HTTPClient
import HTTPTypes
import TestSupport
import Testing

/// Answers, errors and invalid answers.
@Suite struct FlashbackClientTests {
    private func error(_ body: String, status: HTTPResponse.Status = .ok) async throws -> String {
        String(describing: try #require(await failure(try client(StubTransport(body, status: status)), ListBuckets())))
    }

    @Test func answerIsRead() async throws {
        let buckets = try await client(StubTransport(#"{"success":true,"buckets":[{"id":"1"}]}"#)).send(ListBuckets())
        #expect(buckets.rows.map(\.id) == ["1"])
    }

    @Test func every2xxStatusIsAnAnswer() async throws {
        for code in [200, 201, 206, 299] {
            let transport = StubTransport("[]", status: .init(code: code))
            #expect(await failure(try client(transport), ListBuckets()) == nil)
        }
    }

    @Test(arguments: [
        (401, "token was refused"), (403, "may not read this"), (404, "not found"), (429, "too many requests"), (500, "HTTP 500"),
        (502, "HTTP 502"),
        (503, "HTTP 503"), (400, "HTTP 400"), (302, "HTTP 302"), (100, "HTTP 100"), (599, "HTTP 599"),
    ])
    func otherStatusesAreErrorsThatSayWhatToDo(_ code: Int, _ words: String) async throws {
        let text = try await error(#"{"success":false,"message":"because"}"#, status: .init(code: code))
        #expect(text.hasPrefix("GET /bucket: "))
        #expect(text.contains(words), "\(text)")
    }

    @Test func errorRepeatsTheAPIsMessage() async throws {
        let text = try await error(#"{"success":false,"error_code":"E1","message":"because"}"#, status: .internalServerError)
        #expect(text == "GET /bucket: HTTP 500 (the API says: E1: because)")
    }

    @Test func proxyPageIsNotRepeated() async throws {
        #expect(try await error("<html><h1>502 Bad Gateway</h1></html>", status: .badGateway) == "GET /bucket: HTTP 502")
        #expect(try await error("<html>welcome</html>").contains("not JSON"))
    }

    @Test func emptyAnswersAreErrors() async throws {
        #expect(try await error("").contains("body is empty"))
        #expect(try await error("{\"success\":true,\"buckets\":[").contains("not JSON, or was truncated"))
        #expect(try await error("{\"success\":true}").contains("no list \"buckets\""))
        #expect(
            try await error(#"{"success":false,"message":"not today"}"#)
                == "GET /bucket: the response says success: false (the API says: not today)")
        #expect(try await error("", status: .internalServerError) == "GET /bucket: HTTP 500")
    }

    @Test(arguments: [
        "a\nb", "a\r\nlevel=info msg=forged", "\u{1B}[31mred", "a\u{0}b", "tab\tbed", "\u{85}next", "e\u{301}\n\u{301}",
    ])
    func errorsAreOneLineWithoutControlCharacters(_ message: String) async throws {
        let body = "{\"success\":false,\"message\":\"\(message.unicodeScalars.map { "\\u" + hexadecimal($0.value) }.joined())\"}"
        let text = try await error(body, status: .internalServerError)
        #expect(text.contains("the API says"))
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(text.debugDescription)")
    }

    @Test func longMessagesAreCut() async throws {
        let text = try await error("{\"message\":\"\(String(repeating: "x", count: 10_000))\"}", status: .internalServerError)
        #expect(text.count < 300)
        #expect(text.hasSuffix("x…)"))
    }

    /// Errors are kept for every bucket.
    @Test(arguments: [HTTPResponse.Status.ok, .forbidden])
    func longTextsAreNotKept(_ status: HTTPResponse.Status) async throws {
        let text = String(repeating: "x", count: 60_000)
        let body = #"{"success":false,"message":"\#(text)","error_code":"\#(text)"}"#
        let error = try #require(await failure(try client(StubTransport(body, status: status)), ListBuckets()))
        var kept = ""
        dump(error, to: &kept)
        #expect(kept.utf8.count < 2000, "\(kept.prefix(4000))")
    }

    @Test(arguments: [
        "hunter2", "got hunter2!", "hunter2hunter2", "hunter2\u{301}", "x\u{200D}hunter2\u{FE0F}", "hunter\nhunter2",
    ])
    func tokenIsNeverRepeated(_ message: String) async throws {
        for status in [HTTPResponse.Status.forbidden, .ok] {
            let escaped = message.replacing("\n", with: "\\n")
            let text = try await error(
                "{\"success\":false,\"message\":\"\(escaped)\",\"error_code\":\"hunter2\"}", status: status)
            #expect(!text.unicodeScalars.map(String.init).joined(separator: " ").contains("h u n t e r 2"), "\(text)")
            #expect(text.contains("<redacted>"))
        }
    }

    @Test func failedTransferSaysWhy() async throws {
        let transport = StubTransport(
            failing: .connectionFailed, message: "cannot connect to api.example.com: Connection refused")
        let error = try #require(await failure(try client(transport), ListBuckets()))
        #expect("\(error)" == "GET /bucket: cannot connect to api.example.com: Connection refused")
        guard case .transfer(let cause) = error.reason else { throw error }
        #expect(cause.kind == .connectionFailed)
    }

    @Test func tokenIsNotRepeatedFromAFailedTransfer() async throws {
        let transport = StubTransport(failing: .certificateRejected, message: "the certificate is for hunter2.example.com")
        let error = try #require(await failure(try client(transport), ListBuckets()))
        #expect("\(error)" == "GET /bucket: the certificate is for <redacted>.example.com")
        #expect(error.explanation == "\(error)")
    }

    /// Gaps in a message of ours would tell a short token.
    @Test func shortTokenIsNotCutOutOfAFailedTransfer() async throws {
        let transport = StubTransport(failing: .timedOut, message: "it takes too long")
        let error = try #require(await failure(try client(transport, token: "t"), ListBuckets()))
        #expect("\(error)" == "GET /bucket: it takes too long")
    }

    @Test func onlyRequestsThatMayBeRepeatedAre() async throws {
        let transport = StubTransport(failing: .timedOut)
        let client = try client(transport)
        _ = await failure(client, ListBuckets())
        _ = await failure(client, ValidateBucket(bucketID: Identifier("b1")))
        #expect(transport.requests.map(\.isRepeatable) == [true, false])
    }

    @Test func cancelledTransferIsNotAnAPIFailure() async throws {
        let error = try #require(await failure(try client(StubTransport(failing: .cancelled)), ListBuckets()))
        guard case .cancelled = error.reason else { throw error }
    }

    @Test func withoutATokenNothingIsSent() async throws {
        struct NoToken: AccessTokenStore {
            func token() throws(AccessTokenError) -> AccessToken { throw AccessTokenError("there is no token") }
        }
        let (transport, time) = (StubTransport("[]"), ManualTime())
        let client = FlashbackClient(
            baseURL: try APIBaseURL(parsing: "https://api.example.com"), transport: transport,
            tokens: StoredAccessToken(NoToken(), time: time.source), budget: RequestBudget(limit: 1, time: time.source),
            time: time.source)
        let error = try #require(await failure(client, ListBuckets()))
        #expect("\(error)" == "GET /bucket: there is no token")
        #expect(transport.requests.isEmpty)
        #expect(await client.tokenReport.expiresAt == nil)
    }

    private func hexadecimal(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

import Basics
import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import HTTPClient

@Suite struct RequestTests {
    @Test func getReturnsStatusFieldsAndBody() async throws {
        let recorder = Recorder()
        let handler: HTTPListener.Handler = { request in
            recorder.record(request)
            return ListenerResponse(
                status: .ok, headerFields: [.contentType: "application/json", .setCookie: "a=1"], body: [Array("{}".utf8)])
        }
        try await withListener(handler: handler) { port in
            try await withTransport({ $0.userAgent = "tester/1" }) { transport in
                let response = try await transport.execute(
                    TransferRequest(
                        method: .get, url: "http://127.0.0.1:\(port)/bucket/stats?bucketId=a,b%20c",
                        headerFields: [.accept: "application/json", .xEmpty: ""], bearerToken: Secret("t0ken")))
                #expect(response.status == .ok)
                #expect(response.text == "{}")
                #expect(response.headerFields[.contentType] == "application/json")
                #expect(response.headerFields[.setCookie] == "a=1")
                #expect(response.headerFields[.contentLength] == "2")
                #expect(response.httpVersion == .http1_1)
            }
        }
        let head = try #require(recorder.requests.first).head
        #expect(head.method == .get)
        #expect(head.path == "/bucket/stats?bucketId=a,b%20c")
        #expect(head.headerFields[.authorization] == "Bearer t0ken")
        #expect(head.headerFields[.accept] == "application/json")
        #expect(head.headerFields[.userAgent] == "tester/1")
        #expect(head.headerFields[.acceptEncoding] == "gzip")
        #expect(head.headerFields[.xEmpty] == "")
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "GET"])
    func methodIsSentWithItsBody(methodName: String) async throws {
        let method = try #require(HTTPRequest.Method(rawValue: methodName))
        let body = Array(String(repeating: "0123456789", count: 300_000).utf8)
        let recorder = Recorder()
        let handler: HTTPListener.Handler = { request in
            recorder.record(request)
            return ListenerResponse(status: .created)
        }
        try await withListener(handler: handler) { port in
            try await withTransport { transport in
                let response = try await transport.execute(
                    TransferRequest(
                        method: method, url: "http://127.0.0.1:\(port)/", headerFields: [.contentType: "text/x"], body: body))
                #expect(response.status == .created)
                #expect(response.body.isEmpty)
            }
        }
        let request = try #require(recorder.requests.first)
        #expect(request.head.method == method)
        #expect(request.body == body)
        #expect(request.head.headerFields[.contentType] == "text/x")
        #expect(request.head.headerFields[.expect] == nil)
    }

    @Test(arguments: ["POST", "DELETE", "HEAD", "OPTIONS"])
    func requestWithoutBodySendsNone(methodName: String) async throws {
        let method = try #require(HTTPRequest.Method(rawValue: methodName))
        let recorder = Recorder()
        let handler: HTTPListener.Handler = { request in
            recorder.record(request)
            return .text(.ok, "hello")
        }
        try await withListener(handler: handler) { port in
            try await withTransport { transport in
                let response = try await transport.execute(TransferRequest(method: method, url: "http://127.0.0.1:\(port)"))
                #expect(response.text == (method == .head ? "" : "hello\n"))
                #expect(response.headerFields[.contentLength] == "6")
            }
        }
        let request = try #require(recorder.requests.first)
        #expect(request.head.method == method)
        #expect(request.body.isEmpty)
        #expect(request.head.headerFields[.contentType] == nil)
        #expect(request.head.headerFields[.contentLength] == (method == .post ? "0" : nil))
    }

    @Test func refusedTokenIsAResponseAndSentOnce() async throws {
        let recorder = Recorder()
        let handler: HTTPListener.Handler = { request in
            recorder.record(request)
            return .text(.unauthorized, "no", headerFields: [.wwwAuthenticate: "Bearer realm=\"x\""])
        }
        try await withListener(handler: handler) { port in
            try await withTransport { transport in
                let response = try await transport.get("http://127.0.0.1:\(port)/", token: "t")
                #expect(response.status == .unauthorized)
                #expect(response.text == "no\n")
            }
        }
        #expect(recorder.requests.count == 1)
    }

    @Test func tokenReplacesTheAuthorizationFieldForOneRequest() async throws {
        let recorder = Recorder()
        let handler: HTTPListener.Handler = { request in
            recorder.record(request)
            return ListenerResponse(status: .noContent)
        }
        try await withListener(handler: handler) { port in
            try await withTransport { transport in
                let url = "http://127.0.0.1:\(port)/"
                _ = try await transport.execute(
                    TransferRequest(
                        method: .post, url: url, headerFields: [.authorization: "Basic eA=="], body: [1], bearerToken: Secret("t")
                    ))
                _ = try await transport.execute(
                    TransferRequest(method: .post, url: url, headerFields: [.authorization: "Basic eA=="]))
                _ = try await transport.get(url)
            }
        }
        #expect(recorder.requests.map { $0.head.headerFields[.authorization] } == ["Bearer t", "Basic eA==", nil])
        #expect(recorder.requests.map(\.body) == [[1], [], []])
    }

    @Test func gzipIsDecoded() async throws {
        let text = String(repeating: "compressible ", count: 10_000)
        let compressed = try Gzip.compress(text)
        let handler: HTTPListener.Handler = { _ in
            ListenerResponse(status: .ok, headerFields: [.contentEncoding: "gzip"], body: [compressed])
        }
        try await withListener(handler: handler) { port in
            try await withTransport { transport in
                let response = try await transport.get("http://127.0.0.1:\(port)/")
                #expect(response.text == text)
                #expect(response.headerFields[.contentLength] == String(compressed.count))
            }
        }
    }

    @Test func headIsThatOfTheFinalResponse() async throws {
        let server = try RawServer.answering(
            "HTTP/1.1 103 Early Hints\r\nX-Link: early\r\n\r\nHTTP/1.1 200 Fine: really\r\nX-A:  1 \t\r\nX-A:2\r\nX-B:\r\n"
                + "Transfer-Encoding: chunked\r\nTrailer: X-T\r\nno field: 1\r\n\r\n"
                + "3\r\nabc\r\n0\r\nX-T: late\r\n\r\n")
        defer { server.stop() }
        try await withTransport { transport in
            let response = try await transport.get(server.url)
            #expect(response.text == "abc")
            #expect(response.headerFields[values: .xA] == ["1", "2"])
            #expect(response.headerFields[.xB] == "")
            #expect(response.headerFields[.xLink] == nil)
            #expect(response.headerFields[.xT] == nil)
            #expect(response.headerFields.count == 5)
        }
    }

    @Test(
        arguments: [
            "", "bucket", "/bucket", "ftp://a.example/", "file:///etc/passwd", "http://", "http:///path", "http://a.example/ b",
            "http://a.example/\r\nX: y", "http://a\r\nb.example/", "http://a.example/\0", "http://a.example/ä",
            "http://user:canary@a.example/",
            "https://canary@a.example", "http://a.example:99999/",
        ])
    func invalidURLIsRefusedWithoutRepeatingSecrets(url: String) async throws {
        try await withTransport { transport in
            let error = try #require(await transport.failure(url))
            #expect(error.kind == .invalidURL)
            #expect(!error.message.contains("canary"))
            #expect(!error.message.contains("\n"))
        }
    }

    @Test(
        arguments: ["", "canary\r\nX-Evil: 1", "canary 2", "canaryä"])
    func invalidTokenIsRefusedWithoutRepeatingIt(token: String) async throws {
        try await withTransport { transport in
            let request = TransferRequest(method: .get, url: "http://127.0.0.1:1/", bearerToken: Secret(token))
            let error = try #require(await transport.failure(request))
            #expect(error.kind == .invalidRequest)
            #expect(!error.message.contains("canary"))
            #expect(!error.message.contains("\n"))
        }
    }

    @Test func headWithBodyIsRefused() async throws {
        try await withTransport { transport in
            let error = await transport.failure(TransferRequest(method: .head, url: "http://127.0.0.1:1/", body: [1]))
            #expect(error?.kind == .invalidRequest)
        }
    }

    @Test func descriptionHidesTheToken() {
        let request = TransferRequest(method: .get, url: "http://a.example/", bearerToken: Secret("canary-1234"))
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("canary"))
        }
    }
}

extension HTTPField.Name {
    static let xEmpty = Self(name: "X-Empty")
    static let xA = Self(name: "X-A")
    static let xB = Self(name: "X-B")
    static let xLink = Self(name: "X-Link")
    static let xT = Self(name: "X-T")
    static let xConnection = Self(name: "X-Connection")

    private init(name: String) {
        guard let name = Self(name) else { preconditionFailure("not a field name") }
        self = name
    }
}

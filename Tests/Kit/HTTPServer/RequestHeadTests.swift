import Foundation
import HTTPServer
import HTTPTypes
import TestTools
import Testing

/// Requirements on the head of a request, and the head of its response (RFC 9110 and 9112).
@Suite struct RequestHeadTests {
    /// The responses to bytes until the connection ends or a number of responses have arrived.
    private func responses(_ port: Int, _ request: String, count: Int = 1) async throws -> [RawResponse] {
        try await blocking {
            let client = try RawClient(port: port)
            try client.send(request)
            return try (0..<count).compactMap { _ in try client.response() }
        }
    }

    // MARK: Upgrade

    private static let upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"

    @Test(arguments: [
        upgrade, "Connection: upgrade\r\nUpgrade: websocket\r\n", "Connection: keep-alive , UPGRADE\r\nUpgrade: TLS/1.0\r\n",
        "Upgrade: h2c\r\nConnection: x\r\nConnection: Upgrade\r\n", "Upgrade: h2c\r\nConnection: upgrade\t\r\n",
        "Upgrade: h2c\r\nConnection: keep-alive,\tupgrade\t, x\r\n", "Upgrade: h2c\r\n", "Connection: Upgrade\r\n",
        "Upgrade: h2c\r\nConnection: upgrades\r\n", "Upgrade:\r\nConnection: Upgrade\r\n",
    ])
    func requestAfterAnUpgradeOfferIsAnswered(_ fields: String) async throws {
        let head = " HTTP/1.1\r\nHost: x\r\n"
        try await serving { port async throws in
            try await blocking {
                let client = try RawClient(port: port)
                for number in 0..<3 {
                    try client.send("GET /\(number)\(head)\(fields)\r\n")
                    #expect(try client.response()?.text == "GET /\(number) - ")
                    try client.send("POST /\(number)\(head)\(fields)Content-Length: 2\r\n\r\nab")
                    #expect(try client.response()?.text == "POST /\(number) - ab")
                }
                try client.send("GET /last\(head)\r\n")
                #expect(try client.response()?.text == "GET /last - ")
            }
        }
    }

    @Test func requestsPipelinedAfterAnUpgradeOfferAreAnswered() async throws {
        let head = " HTTP/1.1\r\nHost: x\r\n"
        let requests =
            "GET /0\(head)\(Self.upgrade)\r\nPOST /1\(head)\(Self.upgrade)Content-Length: 1\r\n\r\naGET /2\(head)\r\nGET /3\(head)\(Self.upgrade)\r\n"
        let texts = ["GET /0 - ", "POST /1 - a", "GET /2 - ", "GET /3 - "]
        try await serving { port async throws in
            #expect(try await responses(port, requests, count: 4).map(\.text) == texts)
            // Cut anywhere, including within the following request.
            let cuts = [1, 40, requests.utf8.count / 2, requests.utf8.count - 1]
            for cut in cuts {
                try await blocking {
                    let client = try RawClient(port: port)
                    try client.send(String(requests.prefix(cut)))
                    try client.send(String(requests.dropFirst(cut)))
                    #expect(try (0..<4).compactMap { _ in try client.response()?.text } == texts)
                }
            }
        }
    }

    @Test func curlsUpgradeOfferIsDeclinedAndItsConnectionKept() async throws {
        try await serving { port async throws in
            let url = "http://127.0.0.1:\(port)"
            let write = "%{http_code} %{http_version} %{num_connects};"
            let answers = try await Command.curl(
                "--http2", "-w", write, "\(url)/1", "--next", "--silent", "--http2", "-w", write, "\(url)/2")
            #expect(answers.status == 0)
            #expect(answers.text == "GET /1 - 200 1.1 1;GET /2 - 200 1.1 0;")
        }
    }

    // MARK: Host

    @Test(arguments: [
        "Host: x", "Host: example.com:9090", "host: 127.0.0.1:1", "Host: [::1]:9090", "Host: [::]", "Host: a_b-c.%7e", "Host: x:",
        "Host:", "Host: \t x \t ",
    ])
    func validHostIsAccepted(_ field: String) async throws {
        try await serving { port async throws in
            #expect(try await responses(port, "GET / HTTP/1.1\r\n\(field)\r\n\r\n").map(\.status) == [200])
        }
    }

    @Test(arguments: [
        "X: y", "Host: x\r\nHost: x", "Host: x\r\nHost: y", "Host: a b", "Host: a/b", "Host: user@x", "Host: x:80:80",
        "Host: x:http",
        "Host: [::1", "Host: [x]", "Host: [::1]x", "Host: ::1", "Host: x,y z", "Host: \"x\"", "Host: é", "Host: :80", "Host: a?b",
        "Host: a\\b",
        "Host: <x>",
    ])
    func requestWithoutOneValidHostIsRefused(_ fields: String) async throws {
        try await serving { port async throws in
            let response = try await blocking {
                let client = try RawClient(port: port)
                try client.send("GET / HTTP/1.1\r\n\(fields)\r\n\r\n")
                return try client.receiveAll()
            }
            #expect(response.hasPrefix("HTTP/1.1 400 ") && response.lowercased().contains("connection: close"), "\(response)")
        }
    }

    /// RFC 9112 section 3.2: HTTP/1.1 requires the field.
    @Test(arguments: [("", 200), ("Host: x\r\n", 200), ("Host: x\r\nHost: x\r\n", 400), ("Host: a b\r\n", 400)])
    func http10MayOmitTheHost(_ fields: String, _ status: Int) async throws {
        try await serving { port async throws in
            #expect(try await responses(port, "GET / HTTP/1.0\r\n\(fields)\r\n").map(\.status) == [status])
        }
    }

    @Test func authorityOfAnAbsoluteTargetReplacesHost() async throws {
        try await serving(handler: { .text(.ok, $0.head.authority ?? "none") }) { port async throws in
            let request = "GET http://a.example:80/x HTTP/1.1\r\nHost: b.example\r\n\r\n"
            #expect(try await responses(port, request).map(\.text) == ["a.example:80\n"])
            #expect(try await responses(port, "GET / HTTP/1.1\r\nHost: b.example\r\n\r\n").map(\.text) == ["b.example\n"])
        }
    }

    @Test(arguments: ["http://user@x/", "http:///x", "http://", "http://a b/", "http://[x]/", "http://x:y/"])
    func absoluteTargetNeedsAValidAuthority(_ target: String) async throws {
        try await serving { port async throws in
            #expect(try await responses(port, "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n").map(\.status) == [400])
        }
    }

    // MARK: Expect

    @Test(arguments: ["GET", "HEAD", "POST"])
    func requestWithoutBodyMayExpectContinue(_ method: String) async throws {
        try await serving({ $0.maximumBodyBytes = 0 }) { port async throws in
            let response = try await blocking {
                let client = try RawClient(port: port)
                try client.send("\(method) / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n")
                return try client.response(toHead: method == "HEAD")
            }
            #expect(response?.status == 200)
        }
    }

    @Test func http10ClientGetsNoInterimResponse() async throws {
        try await serving { port async throws in
            let request = "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\na"
            #expect(try await responses(port, request).map(\.text) == ["POST / - a"])
        }
    }

    // MARK: Date

    @Test func everyResponseHasADate() async throws {
        let authority = try await CertificateAuthority()
        let configure: (inout ListenerConfiguration) -> Void = { $0.unixSeconds = { 784_111_777 } }
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        try await serving(configure) { port async throws in
            for request in ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n"] {
                let response = try await responses(port, request).first
                #expect(response?["date"] == date)
            }
        }
        try await serving(authority, configure) { port async throws in
            let head = try await Command.curl(
                "--http2", "--head", "--cacert", authority.certificate, "https://localhost:\(port)/")
            #expect(head.text.contains("date: \(date)\r\n"))
        }
        let own: HTTPListener.Handler = { _ in ListenerResponse(status: .ok, headerFields: [.date: "own"], body: [[UInt8]]()) }
        try await serving(configure, handler: own) { port async throws in
            let head = try await responses(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").first?.head.lowercased()
            #expect(head?.components(separatedBy: "date:").count == 2)
            #expect(head?.contains("date: own\r\n") == true)
        }
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"), (1_763_596_805, "Thu, 20 Nov 2025 00:00:05 GMT"),
    ])
    func dateComesFromTheClock(_ seconds: Int64, _ text: String) async throws {
        try await serving({ $0.unixSeconds = { seconds } }) { port async throws in
            #expect(try await responses(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").first?["date"] == text)
        }
    }
}

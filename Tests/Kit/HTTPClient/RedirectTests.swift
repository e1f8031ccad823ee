import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import TestTools
import Testing

@testable import HTTPClient

@Suite struct RedirectTests {
    /// A server that redirects `/from` and answers everything else.
    private func withRedirect(
        _ status: HTTPResponse.Status = .found, to location: @escaping @Sendable (ListenerRequest) -> String,
        _ recorder: Recorder, _ body: (Int) async throws -> Void
    ) async throws {
        let handler: HTTPListener.Handler = { request in
            recorder.record(request)
            guard request.path == "/from" else { return .text(.ok, "arrived") }
            return .text(status, "elsewhere", headerFields: [.location: location(request), .setCookie: "from=1"])
        }
        try await withListener(handler: handler, body)
    }

    @Test func sameHostKeepsTheToken() async throws {
        let recorder = Recorder()
        try await withRedirect(to: { _ in "/to" }, recorder) { port in
            try await withTransport { transport in
                let response = try await transport.get("http://127.0.0.1:\(port)/from", token: "t")
                #expect(response.status == .ok)
                #expect(response.text == "arrived\n")
                #expect(response.headerFields[.setCookie] == nil)
            }
        }
        #expect(recorder.requests.map(\.head.path) == ["/from", "/to"])
        #expect(recorder.requests.map { $0.head.headerFields[.authorization] } == ["Bearer t", "Bearer t"])
    }

    @Test(
        arguments: ["127.0.0.1", "localhost"])
    func otherOriginDropsCredentials(host: String) async throws {
        let first = Recorder()
        let second = Recorder()
        let target: HTTPListener.Handler = { request in
            second.record(request)
            return .text(.ok, "arrived")
        }
        try await withListener(handler: target) { targetPort in
            try await withRedirect(to: { _ in "http://\(host):\(targetPort)/to" }, first) { port in
                try await withTransport { transport in
                    let url = "http://127.0.0.1:\(port)/from"
                    let response = try await transport.get(url, token: "t")
                    #expect(response.text == "arrived\n")
                    _ = try await transport.execute(
                        TransferRequest(
                            method: .get, url: url, headerFields: [.authorization: "Basic eA==", .cookie: "a=1", .xA: "kept"]))
                }
            }
        }
        #expect(first.requests.map { $0.head.headerFields[.authorization] } == ["Bearer t", "Basic eA=="])
        #expect(second.requests.map { $0.head.headerFields[.authorization] } == [nil, nil])
        #expect(second.requests.map { $0.head.headerFields[.cookie] } == [nil, nil])
        #expect(second.requests.map { $0.head.headerFields[.xA] } == [nil, "kept"])
    }

    @Test(
        arguments: [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
    func postKeepsMethodAndBodyOnlyWhereTheStatusSaysSo(status: Int, method: String) async throws {
        let recorder = Recorder()
        try await withRedirect(.init(code: status), to: { _ in "/to" }, recorder) { port in
            try await withTransport { transport in
                let request = TransferRequest(method: .post, url: "http://127.0.0.1:\(port)/from", body: Array("data".utf8))
                let response = try await transport.execute(request)
                #expect(response.text == "arrived\n")
            }
        }
        #expect(recorder.requests.map(\.head.method.rawValue) == ["POST", method])
        #expect(recorder.requests.last?.body == (method == "POST" ? Array("data".utf8) : []))
    }

    @Test func unfollowedRedirectIsAResponse() async throws {
        let recorder = Recorder()
        try await withRedirect(to: { _ in "/to" }, recorder) { port in
            try await withTransport { transport in
                let url = "http://127.0.0.1:\(port)/from"
                for request in [
                    TransferRequest(method: .get, url: url, followsRedirects: false),
                    TransferRequest(method: .delete, url: url),
                    TransferRequest(method: .put, url: url, body: [1]),
                    TransferRequest(method: .get, url: url, body: [1]),
                ] {
                    let response = try await transport.execute(request)
                    #expect(response.status == .found)
                    #expect(response.headerFields[.location] == "/to")
                    #expect(response.text == "elsewhere\n")
                }
            }
        }
        #expect(recorder.requests.allSatisfy { $0.path == "/from" })
    }

    @Test func redirectLoopFails() async throws {
        let recorder = Recorder()
        try await withRedirect(to: { _ in "/from" }, recorder) { port in
            try await withTransport({ $0.maximumRedirects = 3 }) { transport in
                let error = try #require(await transport.failure("http://127.0.0.1:\(port)/from"))
                #expect(error.kind == .tooManyRedirects)
                #expect(error.message == "127.0.0.1:\(port) redirects more than 3 times")
            }
        }
        #expect(recorder.requests.count == 4)
    }

    @Test(arguments: ["ftp://127.0.0.1/", "file:///etc/passwd", "http://"])
    func otherProtocolsAreRefused(location: String) async throws {
        try await withRedirect(to: { _ in location }, Recorder()) { port in
            try await withTransport { transport in
                #expect(await transport.failure("http://127.0.0.1:\(port)/from")?.kind == .redirectRefused)
            }
        }
    }

    @Test func userNameInLocationIsRefusedWithoutRepeatingIt() async throws {
        try await withRedirect(to: { _ in "http://canary:canary@127.0.0.1/" }, Recorder()) { port in
            try await withTransport { transport in
                let error = try #require(await transport.failure("http://127.0.0.1:\(port)/from"))
                #expect(error.kind == .redirectRefused)
                #expect(!error.message.contains("canary"))
            }
        }
    }

    /// The target may contain anything, even the request's token. The resolver itself refuses a label of more than 63 characters. Runs in a
    /// separate process, in which the environment's proxies are not used either.
    @Test func unresolvableTargetIsNotNamed() async throws {
        await #expect(processExitsWith: .success) {
            setenv("no_proxy", "*", 1)
            let handler: HTTPListener.Handler = { _ in
                let host = "canary.\(String(repeating: "a", count: 20_000)).invalid"
                return ListenerResponse(status: .found, headerFields: [.location: "http://\(host)/x"])
            }
            try await withListener(handler: handler) { port in
                try await withTransport { transport in
                    let error = try #require(await transport.failure("http://127.0.0.1:\(port)/from"))
                    #expect(error.kind == .nameNotResolved)
                    #expect(
                        error.message
                            == "cannot resolve the target of a redirect of 127.0.0.1:\(port): check the name and the name server")
                }
            }
        }
    }

    @Test func unreachableOrInvalidTargetIsNotNamed() async throws {
        let garbage = try RawServer.answering("canary\r\n")
        defer { garbage.stop() }
        try await Loopback.withRefusingPort { refusing in
            for (target, kind) in [
                ("127.0.0.1:\(refusing)", TransferError.Kind.connectionFailed), ("127.0.0.1:\(garbage.port)", .invalidResponse),
                ("canary.localhost:99999", .redirectRefused), ("canary@127.0.0.1", .redirectRefused),
            ] {
                try await withRedirect(to: { _ in "http://\(target)/canary" }, Recorder()) { port in
                    try await withTransport { transport in
                        let error = try #require(await transport.failure("http://127.0.0.1:\(port)/from"))
                        #expect(error.kind == kind)
                        #expect(error.message.contains("the target of a redirect of 127.0.0.1:\(port)"))
                        #expect(!error.message.contains("canary"))
                        for other in [refusing, garbage.port] { #expect(!error.message.contains("\(other)")) }
                    }
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func downgradeToHTTPIsRefused(startsWithHTTPS: Bool) async throws {
        let authority = try await CertificateAuthority()
        let server = try await authority.issue("server", .server, names: "DNS:localhost")
        let plain = Recorder()
        let securePortBox = NIOLockedValueBox(0)
        let plainHandler: HTTPListener.Handler = { request in
            plain.record(request)
            return ListenerResponse(
                status: .found, headerFields: [.location: "https://localhost:\(securePortBox.withLockedValue(\.self))/secure"])
        }
        try await withListener(handler: plainHandler) { plainPort in
            let secureHandler: HTTPListener.Handler = { _ in
                ListenerResponse(status: .found, headerFields: [.location: "http://localhost:\(plainPort)/plain"])
            }
            try await withListener(tls: try server.serverConfiguration(), handler: secureHandler) { securePort in
                securePortBox.withLockedValue { $0 = securePort }
                try await withTransport({ $0.caFile = authority.certificate }) { transport in
                    let url =
                        startsWithHTTPS ? "https://localhost:\(securePort)/" : "http://localhost:\(plainPort)/start"
                    let error = try #require(await transport.failure(url))
                    #expect(error.kind == .redirectRefused)
                    #expect(
                        error.message
                            == (startsWithHTTPS
                                ? "a redirect of localhost:\(securePort) leads away from HTTPS and is not followed"
                                : "a redirect of localhost:\(plainPort) leads away from HTTP and HTTPS and is not followed"))
                }
            }
        }
        #expect(plain.requests.map { String($0.path) } == (startsWithHTTPS ? [] : ["/start"]))
    }
}

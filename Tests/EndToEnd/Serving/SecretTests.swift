import FlashbackSimulator
import Foundation
import HTTPServer
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct SecretTests {
    static let token = "c4nary-token-\(UUID().uuidString)"
    static let credential = "c4naryCredential\(UUID().uuidString.prefix(8))"

    /// A way in which the API reveals secrets, and what must appear in the exporter's output for the test to prove anything.
    struct Leak: CustomTestStringConvertible {
        let testDescription: String
        var fault: SimulatedFault?
        let tells: String
    }

    static let leaks = [
        Leak(testDescription: "in its proper answers", tells: "flashback_up 1\n"),
        Leak(
            testDescription: "in a refusal",
            fault: .body(Array("{\"success\":false,\"message\":\"the token \(token) has expired\"}".utf8), status: 401),
            tells: "(the API says: the token <redacted> has expired)"),
        Leak(
            testDescription: "in an error",
            fault: .body(Array("{\"error_code\":\"x\",\"error_message\":\"Bearer \(token)\"}".utf8), status: 500),
            tells: "(the API says: x: Bearer <redacted>)"),
        Leak(
            testDescription: "in an answer without success",
            fault: .body(Array("{\"success\":false,\"error\":\"\(token)\"}".utf8)),
            tells: "success: false (the API says: <redacted>)"),
        Leak(
            testDescription: "in a proxy's page",
            fault: .body(Array("<html>\(token)</html>".utf8), status: 502, contentType: "text/html"), tells: "HTTP 502"),
        Leak(
            testDescription: "in an answer that is not JSON", fault: .body(Array("not JSON: \(token)".utf8)), tells: "not JSON"),
        Leak(testDescription: "in fields of the wrong kind", fault: .wrongTypes(), tells: "no row of the response's list"),
        Leak(testDescription: "in half an answer", fault: .truncatedJSON, tells: "flashback_up 0\n"),
        Leak(testDescription: "in an answer that breaks off", fault: .brokenOff, tells: "flashback_up 0\n"),
    ]

    @Test(arguments: leaks)
    func metricsPagesAndLogsContainNoSecrets(leak: Leak) async throws {
        let simulation = FlashbackSimulation.small {
            $0.staticToken = Self.token
            $0.canary = Self.credential
            $0.dialect.clientFields = true
        }
        if let fault = leak.fault { simulation.faults.add(fault) }
        let secrets = simulation.secrets + simulation.personalData + [Self.token, Self.credential]
        try await FlashbackSimulator.serving(simulation) { simulator in
            if leak.fault == nil {
                let list = try await HTTP.send(
                    "GET", "\(simulator.url)/bucket", fields: ["Authorization": "Bearer \(Self.token)"])
                for secret in simulation.secrets.prefix(6) { #expect(list.text.contains(secret)) }
            }
            let more = ["repositories", "nodes", "traffic", "credits", "workspaces"].map { "--collector.\($0)" }
            let arguments = ["--log.level", "debug", "--cache.ttl", "0s"] + more
            try await RunningExporter.running(simulator.url, arguments, token: Self.token) { exporter in
                var told = ""
                for path in ["/metrics", "/metrics", "/", "/nowhere", "/-/ready"] {
                    told += try await exporter.send("GET", path).text
                }
                exporter.process.send(SIGTERM)
                #expect(try await exporter.process.end() == .status(0))
                told += exporter.process.everything
                #expect(told.contains(leak.tells), "\(told)")
                for secret in secrets { #expect(!told.contains(secret), "\(secret)") }
            }
        }
    }

    /// The page has no password by default. The resolver itself refuses a label of more than 63 characters.
    @Test func redirectsDoNotReachPagesOrLogs() async throws {
        let host = "\(Self.token).\(String(repeating: "a", count: 64)).\(String(repeating: "b", count: 30_000)).invalid"
        let handler: HTTPListener.Handler = { _ in
            ListenerResponse(status: .found, headerFields: [.location: "http://\(host)/x"])
        }
        let listener = try await HTTPListener.bind(
            to: [ListenAddress(host: "127.0.0.1", port: 0)], configuration: ListenerConfiguration(), handler: handler)
        try await withThrowingTaskGroup { group in
            group.addTask { try await listener.run() }
            defer { group.cancelAll() }
            let api = "127.0.0.1:\(listener.addresses[0].port)"
            try await RunningExporter.running("http://\(api)", ["--log.level", "debug"], token: Self.token) { exporter in
                let pages = [try await exporter.send("GET", "/metrics").text, try await exporter.send("GET", "/").text]
                exporter.process.send(SIGTERM)
                #expect(try await exporter.process.end() == .status(0))
                for told in [pages[1], exporter.process.everything] {
                    #expect(told.contains("cannot resolve the target of a redirect of \(api)"))
                }
                for told in pages + [exporter.process.everything] {
                    #expect(!told.contains(Self.token) && !told.contains("bbb"))
                }
            }
        }
    }
}

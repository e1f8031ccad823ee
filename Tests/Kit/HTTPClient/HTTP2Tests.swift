import HTTPTypes
import TestTools
import Testing

@testable import HTTPClient

@Suite struct HTTP2Tests {
    private let authority: CertificateAuthority
    private let nginx: Nginx

    init() async throws {
        authority = try await CertificateAuthority()
        nginx = try Nginx.started(with: try await authority.issue("server", .server, names: "DNS:localhost"))
    }

    @Test func simultaneousTransfersShareOneConnection() async throws {
        try await withTransport({
            $0.caFile = authority.certificate
            $0.maximumConnectionsPerHost = 8
        }) { transport in
            let url = "https://localhost:\(nginx.port)"
            let connections = try await withThrowingTaskGroup { group in
                for number in 0..<500 {
                    group.addTask {
                        let response = try await transport.get("\(url)/\(number)", token: "t")
                        #expect(response.httpVersion == .http2)
                        #expect(response.status == .ok)
                        #expect(response.text == "GET /\(number)")
                        return response.headerFields[.xConnection]
                    }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(connections.count == 1)
        }
    }

    /// A transfer whose data arrived together with the end of another must not wait for the poll's time-out, which is a second.
    @Test(.timeLimit(.minutes(10)))
    func noTransferIsLeftWaitingWhenAnotherEnds() async throws {
        let pulse = Pulse()
        defer { pulse.stop() }
        try await withTransport({ $0.caFile = authority.certificate }) { transport in
            let url = "https://localhost:\(nginx.port)"
            var roundsThatWaited = 0
            for _ in 0..<3000 where roundsThatWaited <= 2 {
                pulse.forget()
                let start = ContinuousClock.now
                try await withThrowingTaskGroup { group in
                    for number in 0..<10 { group.addTask { try await transport.get("\(url)/\(number)").status } }
                    for try await status in group { #expect(status == .ok) }
                }
                // Delays that a stalling machine causes do not count.
                if start.duration(to: .now) >= .milliseconds(900), pulse.longestGap < .milliseconds(300) { roundsThatWaited += 1 }
            }
            // nginx alone may have been delayed, but not repeatedly.
            #expect(roundsThatWaited <= 2)
        }
    }

    @Test func largeAndSmallBodiesRunSideBySide() async throws {
        try await withTransport({ $0.caFile = authority.certificate }) { transport in
            let url = "https://localhost:\(nginx.port)"
            let connections = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let response = try await transport.get(url + (number % 2 == 0 ? "/file" : "/small"))
                        #expect(response.body.count == (number % 2 == 0 ? 2_000_000 : 10))
                        return response.headerFields[.xConnection]
                    }
                }
                let cancelled = Task { try await transport.get(url + "/file") }
                cancelled.cancel()
                // It fails, unless the machine stalled until it had completed.
                _ = await cancelled.result
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(connections.count == 1)
        }
    }

    @Test func postWorksOverHTTP2() async throws {
        try await withTransport({ $0.caFile = authority.certificate }) { transport in
            let response = try await transport.execute(
                TransferRequest(method: .post, url: "https://localhost:\(nginx.port)/day", body: Array("{}".utf8)))
            #expect(response.httpVersion == .http2)
            #expect(response.text == "POST /day")
        }
    }
    /// - Parameter perHost: the maximum number of connections.
    @Test(arguments: [1, 8])
    func requestsThatMustNotBeRepeatedShareNoPooledConnection(perHost: Int) async throws {
        try await withTransport({
            $0.caFile = authority.certificate
            $0.maximumConnectionsPerHost = perHost
        }) { transport in
            let url = "https://localhost:\(nginx.port)"
            _ = try await transport.get(url)
            let connections = try await withThrowingTaskGroup { group in
                for number in 0..<40 {
                    group.addTask {
                        let method = number % 2 == 0 ? HTTPRequest.Method.get : .post
                        let response = try await transport.execute(TransferRequest(method: method, url: "\(url)/\(number)"))
                        #expect(response.httpVersion == .http2)
                        #expect(response.text == "\(method.rawValue) /\(number)")
                        return method == .post ? response.headerFields[.xConnection] : nil
                    }
                }
                return try await group.reduce(into: Set<String>()) { if let connection = $1 { $0.insert(connection) } }
            }
            #expect(connections.count == 20)
            // nginx may see the ends of the others a little later.
            var open = Int.max
            for _ in 0..<1000 where open > perHost {
                let words = try await transport.get(url + "/connections").text.split(separator: " ")
                open = try #require(words.count > 2 ? Int(words[2]) : nil)
            }
            #expect(open <= perHost)
        }
    }
}

import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import HTTPClient

@Suite struct ProcessTests {
    /// A thread inherits the blocked signals of the thread that starts it: nearly all on Swift's pool; none on a program's main thread, as
    /// here.
    @Test func threadBlocksSIGPIPEOnly() async throws {
        await #expect(processExitsWith: .success) {
            var none = sigset_t()
            var before = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, &before)
            let transport = try CurlTransport(configuration: .init())
            pthread_sigmask(SIG_SETMASK, &before, nil)
            // The thread is certainly running once it has performed a transfer.
            #expect(await transport.failure("http://127.0.0.1:1/") != nil)
            let blocked = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { thread in
                try? String(contentsOfFile: "/proc/self/task/\(thread)/status", encoding: .utf8)
                    .split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
            }
            let onlySIGPIPE = String(UInt64(1) << UInt64(SIGPIPE - 1), radix: 16)
            #expect(blocked.contains { $0.hasSuffix("\t" + String(repeating: "0", count: 16 - onlySIGPIPE.count) + onlySIGPIPE) })
            await transport.shutdown()
        }
    }

    @Test func loopbackNeverUsesAProxy() async throws {
        await #expect(processExitsWith: .success) {
            let (proxied, served) = (Recorder(), Recorder())
            try await withListener(handler: { request in
                served.record(request)
                return .text(.ok, "direct")
            }) { port in
                let proxy: HTTPListener.Handler = { request in
                    proxied.record(request)
                    var response = ListenerResponse.text(.found, "by proxy")
                    response.headerFields[.location] = "http://127.0.0.2:1/"
                    return response
                }
                try await withListener(handler: proxy) { proxyPort in
                    for variable in ["http_proxy", "all_proxy", "ALL_PROXY"] {
                        setenv(variable, "http://127.0.0.1:\(proxyPort)", 1)
                    }
                    for exceptions in ["", "other.example", "127.0.0.2"] {
                        setenv("no_proxy", exceptions, 1)
                        try await withTransport { transport in
                            for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
                                let response = try await transport.get("http://\(host):\(port)/", token: "canary")
                                #expect(response.text == "direct\n")
                            }
                            // Nothing listens there, which a proxy could not know.
                            for host in ["127.9.9.9", "[::1]"] {
                                #expect(await transport.failure("http://\(host):1/")?.kind == .connectionFailed)
                            }
                            #expect(proxied.requests.isEmpty)
                        }
                    }
                    try await withTransport { transport in
                        #expect(await transport.failure("http://bucket.example/")?.kind == .connectionFailed)
                        #expect(proxied.requests.count == 1)
                    }
                }
            }
            #expect(served.requests.count == 9)
        }
    }

    /// Runs in a separate process, because the environment belongs to the whole process.
    @Test func proxyComesFromTheEnvironmentAndItsFailuresAreDistinct() async throws {
        await #expect(processExitsWith: .success) {
            let recorder = Recorder()
            let handler: HTTPListener.Handler = { request in
                recorder.record(request)
                return .text(.ok, "by proxy")
            }
            try await Loopback.withRefusingPort { deadPort in
                try await withListener(handler: handler) { port in
                    setenv("http_proxy", "http://127.0.0.1:\(port)", 1)
                    setenv("https_proxy", "http://user:canary@127.0.0.1:\(deadPort)", 1)
                    setenv("no_proxy", "127.0.0.2", 1)
                    try await withTransport { transport in
                        let response = try await transport.get("http://bucket.example/path?a=b")
                        #expect(response.text == "by proxy\n")
                        #expect(recorder.requests.map(\.head.headerFields).count == 1)
                        let error = try #require(await transport.failure("https://bucket.example/path"))
                        #expect(error.kind == .proxyFailed)
                        #expect(error.message.contains("the proxy for bucket.example"))
                        #expect(!error.message.contains("canary"))
                        setenv("https_proxy", "gopher://user:canary@127.0.0.1", 1)
                        let unusable = try #require(await transport.failure("https://bucket.example/path"))
                        #expect(unusable.kind == .proxyFailed)
                        #expect(!unusable.message.contains("canary"))
                        setenv("https_proxy", "http://127.0.0.1:\(port)", 1)
                        let refused = try #require(await transport.failure("https://bucket.example/path"))
                        #expect(refused.kind == .proxyFailed)
                        #expect(await transport.failure("http://127.0.0.2:\(deadPort)/")?.kind == .connectionFailed)
                    }
                }
            }
        }
    }
}

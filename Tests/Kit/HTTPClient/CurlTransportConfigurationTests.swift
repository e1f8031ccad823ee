import Testing

@testable import HTTPClient

@Suite struct CurlTransportConfigurationTests {
    @Test(
        arguments: [
            CurlTransportConfiguration(connectTimeout: .zero), CurlTransportConfiguration(totalTimeout: .seconds(-1)),
            CurlTransportConfiguration(maximumConnections: 0), CurlTransportConfiguration(maximumConnectionsPerHost: -1),
            CurlTransportConfiguration(maximumResponseBytes: 0), CurlTransportConfiguration(maximumRedirects: -1),
        ])
    func nonPositiveLimitsAreRefused(configuration: CurlTransportConfiguration) {
        let error = #expect(throws: TransferError.self) { try CurlTransport(configuration: configuration) }
        #expect(error?.kind == .configuration)
    }

    @Test func hugeLimitsAreClamped() async throws {
        try await withTransport({
            $0.maximumConnections = .max
            $0.maximumConnectionsPerHost = .max
            $0.maximumResponseBytes = .max
            $0.maximumRedirects = .max
            $0.connectTimeout = .seconds(Int64.max)
            $0.totalTimeout = .seconds(Int64.max)
        }) { transport in
            let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            defer { server.stop() }
            let response = try await transport.get(server.url)
            #expect(response.text == "ok")
        }
    }
}

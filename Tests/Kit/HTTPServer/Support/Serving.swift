import Foundation
import HTTPServer
import HTTPTypes
import Testing

/// Serves on a port chosen by the kernel while the body runs, then drains.
func serving(
    _ configure: (inout ListenerConfiguration) -> Void = { _ in }, host: String? = "127.0.0.1",
    handler: @escaping HTTPListener.Handler = { echo($0) }, _ body: (Int) async throws -> Void
) async throws {
    var configuration = ListenerConfiguration()
    configuration.maximumBodyBytes = 1024
    // No time-out except the one that a test examines: a stalling machine must not look like a stalling client.
    configuration.requestTimeout = .seconds(3600)
    configuration.idleTimeout = .seconds(3600)
    configuration.lingerTimeout = .seconds(3600)
    configuration.halfClosedTimeout = .seconds(3600)
    configuration.drainTimeout = .seconds(60)
    configure(&configuration)
    let listener = try await HTTPListener.bind(
        to: [ListenAddress(host: host, port: 0)], configuration: configuration, handler: handler)
    let service = Task { try await listener.run() }
    do {
        try await body(try #require(listener.addresses.first).port)
    } catch {
        service.cancel()
        try await service.value
        throw error
    }
    service.cancel()
    try await service.value
}

/// Answers with the request's content.
func echo(_ request: ListenerRequest) -> ListenerResponse {
    let text =
        "\(request.head.method.rawValue) \(request.path) \(request.query ?? "-") \(String(decoding: request.body, as: UTF8.self))"
    return ListenerResponse(status: .ok, headerFields: [.contentType: "text/plain"], body: [Array(text.utf8)])
}

/// The resident memory of this process in bytes.
func residentBytes() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
}

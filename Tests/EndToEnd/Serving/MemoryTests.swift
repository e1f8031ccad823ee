#if os(Linux)
import FlashbackSimulator
import Foundation
import TestTools
import Testing

/// Under a sanitizer the tests do the same, but ignore memory, most of which is the sanitizer's.
@Suite(.timeLimit(.minutes(10))) struct MemoryTests {
    /// The process' peak memory in bytes.
    private func peak(of exporter: RunningExporter) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(exporter.process.identifier)/status", encoding: .utf8)
        let kibibytes = try #require(status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/))
        return try #require(Int(kibibytes.1)) * 1024
    }

    private static let mebibyte = 1024 * 1024

    /// The longest possible list, of the shortest possible elements.
    private static func list(of element: String, bytes: Int) -> [UInt8] {
        var elements = Array("\(element),".utf8)
        let length = bytes / elements.count * elements.count
        // Doubled, because an unoptimized build takes seconds to repeat a few bytes millions of times.
        while elements.count < length { elements += elements.prefix(length - elements.count) }
        return Array("[".utf8) + elements + Array("\(element)]".utf8)
    }

    /// Health checks and many scrapers open a new connection each time.
    @Test func closedConnectionsLeaveNothingInMemory() async throws {
        let client = """
            import socket, sys
            host, port = sys.argv[1].split(":")
            for _ in range(int(sys.argv[2])):
                with socket.create_connection((host, int(port))) as connection:
                    connection.sendall(b"GET /-/healthy HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
                    assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            """
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                func connect(_ count: Int) async throws {
                    let finished = try await Python.finished(["-c", client, exporter.addresses[0], "\(count)"])
                    #expect(finished.end == .status(0), "\(finished.errorText)")
                }
                try await connect(500)
                let usual = try peak(of: exporter)
                try await connect(2500)
                // Four kilobytes per connection would be ten megabytes.
                let more = try peak(of: exporter) - usual
                #expect(!sanitizerOptions.isEmpty || more < 3 * Self.mebibyte, "\(more / 1024) KiB")
            }
        }
    }

    @Test(
        arguments: [
            (SimulatedEndpoint.bucketStatus, "0", 20), (.bucketStatus, #"{"ip":"1"}"#, 20), (.bucketTotals, "0", 30),
            (.availableBuckets, "{}", 30), (.listBuckets, "[]", 60), (.listBuckets, #"{"id":"1"}"#, 60),
        ])
    func longAnswersNeedBoundedMemory(_ endpoint: SimulatedEndpoint, _ element: String, _ mebibytes: Int) async throws {
        let simulation = FlashbackSimulation.small(buckets: 16)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "0s"]) { exporter in
                #expect(try await exporter.scrape().value("flashback_up") == 1)
                let usual = try peak(of: exporter)
                _ = simulation.faults.add(.body(Self.list(of: element, bytes: mebibytes * Self.mebibyte)), to: endpoint)
                for _ in 0..<2 { _ = try await exporter.scrape() }
                let more = try peak(of: exporter) - usual
                #expect(!sanitizerOptions.isEmpty || more < 200 * Self.mebibyte, "\(more / Self.mebibyte) MiB")
            }
        }
    }
}
#endif

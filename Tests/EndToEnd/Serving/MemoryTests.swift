#if os(Linux)
import FlashbackSimulator
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct MemoryTests {
    /// The most memory that the process has had, in bytes.
    private func peak(of exporter: RunningExporter) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(exporter.process.identifier)/status", encoding: .utf8)
        let kibibytes = try #require(status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/))
        return try #require(Int(kibibytes.1)) * 1024
    }

    private static let mebibyte = 1024 * 1024

    /// A list as long as it may be, of elements that are as short as can be.
    private static func list(of element: String, bytes: Int) -> [UInt8] {
        Array("[".utf8) + Array(repeating: Array("\(element),".utf8), count: bytes / (element.utf8.count + 1)).joined()
            + Array("\(element)]".utf8)
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
                #expect(more < 200 * Self.mebibyte, "\(more / Self.mebibyte) MiB")
            }
        }
    }
}
#endif

import FlashbackRecording
import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite struct RecordCommandTests {
    @Test func writesAPrivateFileAndSaysWhatItContains() async throws {
        try await TemporaryDirectory.with { folder in
            var configuration = SimulatorConfiguration()
            configuration.canary = "canary"
            configuration.dialect.clientFields = true
            let simulation = FlashbackSimulation(configuration)
            let file = folder.path("api.ndjson")
            let process = try await ExporterProcess.run(["record", "--output", file], against: simulation)
            #expect(process.status == 0, "\(process.errors)")
            let text = try folder.text(of: "api.ndjson")
            for bucket in simulation.buckets { #expect(!text.contains(bucket.id) && !text.contains("\"\(bucket.name)\"")) }
            for node in simulation.nodes { #expect(!text.contains(node.ip)) }
            #expect(!text.contains("canary"))
            let recording = try Recording(file: file)
            #expect(recording.exchanges.count >= 43)
            #expect(recording.exchanges.allSatisfy { $0.status == 200 && $0.template != nil && $0.body != nil })
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try folder.names() == ["api.ndjson"])
            let lines = process.output.split(separator: "\n")
            #expect(lines.first == "exchanges: \(recording.exchanges.count)")
            #expect(lines.contains("  GET /bucket/{bucketId}/status: 200, 20 times"))
            #expect(lines.contains("  bucket: 20"))
            #expect(lines.contains("  GET /bucket: projectId, 20 times"))
        }
    }

    @Test func keepsAnOldFileWhenTheConfigurationIsInvalid() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("old", to: "api.ndjson")
            let process = try await ExporterProcess.run(
                ["record", "--output", folder.path("api.ndjson"), "--account", "x"], against: FlashbackSimulation())
            #expect(process.status != 0)
            #expect(process.errors.contains("there is no account \"x\""))
            #expect(try folder.text(of: "api.ndjson") == "old")
        }
    }

    @Test func recordsFailuresToo() async throws {
        try await TemporaryDirectory.with { folder in
            let file = folder.path("api.ndjson")
            let simulation = FlashbackSimulation()
            simulation.faults.add(.status(500), to: .bucketTotals)
            let process = try await ExporterProcess.run(["record", "--output", file], against: simulation)
            #expect(process.status == 1)
            #expect(process.output.contains("  GET /bucket/stats: 500, "))
            #expect(try Recording(file: file).exchanges.contains { $0.path == "/bucket/stats" && $0.status == 500 })
        }
    }
}

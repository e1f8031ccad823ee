import FlashbackSimulator
import Foundation
import TestSupport
import Testing

@Suite("flashback-exporter collect")
struct CollectCommandTests {
    @Test("It writes all metrics once and ends with status 0")
    func succeeds() async throws {
        var configuration = SimulatorConfiguration()
        configuration.canary = "canary"
        let simulation = FlashbackSimulation(configuration)
        let process = try await ExporterProcess.run(["collect"], against: simulation)
        #expect(process.status == 0)
        let page = try ParsedExposition(Array(process.output.utf8))
        #expect(page.value("flashback_up") == 1)
        #expect(page.samples("flashback_bucket_info").count == 20)
        #expect(page.samples("flashback_bucket_collector_success", ["collector": "yesterday"]).count == 20)
        #expect(page[family: "flashback_exporter_build_info"] != nil)
        #expect(page.families.allSatisfy { !$0.name.hasPrefix("process_") }, "node_exporter has those of its own")
        #expect(!process.output.contains("canary") && !process.errors.contains("canary"))
        #expect(simulation.requests.count(.listBuckets) == 1)
    }

    @Test("When a collector fails it writes the others' metrics and ends with status 1")
    func collectorFails() async throws {
        let simulation = FlashbackSimulation()
        simulation.faults.add(.status(500), to: .bucketTotals)
        let process = try await ExporterProcess.run(["collect"], against: simulation)
        #expect(process.status == 1)
        let page = try ParsedExposition(Array(process.output.utf8))
        #expect(page.value("flashback_up") == 1)
        #expect(page.value("flashback_collector_success", ["collector": "totals"]) == 0)
        #expect(page.samples("flashback_bucket_info").count == 20)
        #expect(page.samples("flashback_bucket_requests_total").isEmpty)
    }

    @Test("One bucket that fails is in its own series and no failure of the collector")
    func bucketFails() async throws {
        let simulation = FlashbackSimulation()
        let bucket = simulation.buckets[3].id
        simulation.setForbidden(true, bucket: bucket)
        let process = try await ExporterProcess.run(["collect"], against: simulation)
        #expect(process.status == 0)
        let page = try ParsedExposition(Array(process.output.utf8))
        #expect(page.value("flashback_bucket_collector_success", ["collector": "status", "bucket_id": bucket]) == 0)
    }

    @Test("A refused token is status 1 and flashback_up 0, and is not shown")
    func badToken() async throws {
        let process = try await ExporterProcess.run(["collect"], against: FlashbackSimulation(), token: "canary-token")
        #expect(process.status == 1)
        #expect(try ParsedExposition(Array(process.output.utf8)).value("flashback_up") == 0)
        #expect(process.errors.contains("401"))
        #expect(!process.output.contains("canary") && !process.errors.contains("canary"))
    }

    @Test("A file is replaced as a whole, and nothing is left beside it")
    func output() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("# old\n", to: "flashback.prom")
            let reader = try #require(FileHandle(forReadingAtPath: folder.path("flashback.prom")))
            let process = try await ExporterProcess.run(
                ["collect", "--output", folder.path("flashback.prom")], against: FlashbackSimulation())
            #expect(process.status == 0)
            #expect(process.output.isEmpty)
            #expect(try reader.readToEnd() == Data("# old\n".utf8), "it was written over and not replaced")
            let page = try ParsedExposition(Array(try folder.text(of: "flashback.prom").utf8))
            #expect(page.value("flashback_up") == 1)
            #expect(try folder.names() == ["flashback.prom"])
        }
    }

    @Test("A file that cannot be written is one line that says so, with status 2")
    func unwritable() async throws {
        try await TemporaryFolder.with { folder in
            let path = folder.path("missing/flashback.prom")
            let process = try await ExporterProcess.run(["collect", "--output", path], against: FlashbackSimulation())
            #expect(process.status == 2)
            #expect(process.errors.contains("--output: cannot write \(path): No such file or directory"))
        }
    }

    @Test("A token file that is not there is one line that names it, with status 2")
    func noTokenFile() async throws {
        let process = try await ExporterProcess.run(["collect", "--flashback.token-file", "/nonexistent/token"])
        #expect(process.status == 2)
        let line =
            "flashback-exporter: error: --flashback.token-file: cannot read the file /nonexistent/token: No such file or directory"
        #expect(process.errors.hasPrefix(line))
        #expect(process.errors.filter(\.isNewline).count == 1)
    }
}

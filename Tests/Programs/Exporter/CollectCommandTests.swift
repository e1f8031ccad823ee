import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite struct CollectCommandTests {
    @Test func writesAllMetricsOnce() async throws {
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
        #expect(page.families.allSatisfy { !$0.name.hasPrefix("process_") }, "node_exporter has its own")
        #expect(!process.output.contains("canary") && !process.errors.contains("canary"))
        #expect(simulation.requests.count(.listBuckets) == 1)
    }

    @Test func writesOnlyCurrentStatesIfAsked() async throws {
        let process = try await ExporterProcess.run(["collect", "--metrics.states=current"], against: FlashbackSimulation())
        #expect(process.status == 0)
        let page = try ParsedExposition(Array(process.output.utf8))
        #expect(page.samples("flashback_bucket_status").map(\.value) == Array(repeating: 1, count: 20))
        #expect(page.samples("flashback_bucket_node_status").count == page.samples("flashback_bucket_node_info").count)
    }

    @Test func writesTheOtherCollectorsWithStatus1WhenOneFails() async throws {
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

    @Test func failingBucketIsNotAFailureOfTheCollector() async throws {
        let simulation = FlashbackSimulation()
        let bucket = simulation.buckets[3].id
        simulation.setForbidden(true, bucket: bucket)
        let process = try await ExporterProcess.run(["collect"], against: simulation)
        #expect(process.status == 0)
        let page = try ParsedExposition(Array(process.output.utf8))
        #expect(page.value("flashback_bucket_collector_success", ["collector": "status", "bucket_id": bucket]) == 0)
    }

    @Test func refusedTokenIsStatus1WithoutShowingIt() async throws {
        let process = try await ExporterProcess.run(["collect"], against: FlashbackSimulation(), token: "canary-token")
        #expect(process.status == 1)
        #expect(try ParsedExposition(Array(process.output.utf8)).value("flashback_up") == 0)
        #expect(process.errors.contains("401"))
        #expect(!process.output.contains("canary") && !process.errors.contains("canary"))
    }

    @Test func replacesAFileAtomicallyWithoutLeftovers() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("# old\n", to: "flashback.prom")
            let reader = try #require(FileHandle(forReadingAtPath: folder.path("flashback.prom")))
            let process = try await ExporterProcess.run(
                ["collect", "--output", folder.path("flashback.prom")], against: FlashbackSimulation())
            #expect(process.status == 0)
            #expect(process.output.isEmpty)
            #expect(try reader.readToEnd() == Data("# old\n".utf8), "it was overwritten instead of replaced")
            let page = try ParsedExposition(Array(try folder.text(of: "flashback.prom").utf8))
            #expect(page.value("flashback_up") == 1)
            #expect(try folder.names() == ["flashback.prom"])
        }
    }

    @Test(arguments: [true, false])
    func keepsSymbolicLinks(exists: Bool) async throws {
        try await TemporaryDirectory.with { folder in
            try FileManager.default.createDirectory(atPath: folder.path("data"), withIntermediateDirectories: true)
            if exists { try folder.write("# old\n", to: "data/flashback.prom") }
            let link = folder.path("flashback.prom")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "data/flashback.prom")
            let process = try await ExporterProcess.run(["collect", "--output", link], against: FlashbackSimulation())
            #expect(process.status == 0, "\(process.errors)")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "data/flashback.prom")
            #expect(try folder.text(of: "data/flashback.prom").contains("\nflashback_up 1\n"))
        }
    }

    @Test func keepsNamedPipes() async throws {
        try await TemporaryDirectory.with { folder in
            let pipe = folder.path("pipe")
            #expect(mkfifo(pipe, 0o600) == 0)
            // Opened for writing too, so that opening does not wait for the program, and reading does not end before it.
            let reader = open(pipe, O_RDWR | O_CLOEXEC)
            defer { close(reader) }
            var simulated = SimulatorConfiguration()
            simulated.buckets = 1
            _ = fcntl(reader, Pipe.setSize, 1 << 20)
            let process = try await ExporterProcess.run(
                ["collect", "--output", pipe], against: FlashbackSimulation(simulated))
            #expect(process.status == 0, "\(process.errors)")
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = try #require(Optional(read(reader, &bytes, bytes.count)).flatMap { $0 > 0 ? $0 : nil })
            #expect(String(decoding: bytes[..<count], as: UTF8.self).contains("\nflashback_up 1\n"))
            #expect(try folder.names() == ["pipe"])
            var status = stat()
            #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        }
    }

    @Test func keepsDevicesAndReportsWriteErrors() async throws {
        // Copies of the devices, so that a failing test does not replace the system's own.
        try await TemporaryDirectory.with { folder in
            for (name, minor, status, error) in [("null", 3, 0, ""), ("full", 7, 2, "No space left on device")] {
                let path = folder.path(name)
                // Only root may create devices, here with the major number of the memory devices; other users cannot replace the system's.
                let device = mknod(path, S_IFCHR | 0o666, 1 << 8 | dev_t(minor)) == 0 ? path : "/dev/\(name)"
                let process = try await ExporterProcess.run(["collect", "--output", device], against: FlashbackSimulation())
                #expect(process.status == Int32(status), "\(process.errors)")
                #expect(
                    process.errors
                        == (status == 0 ? "" : "flashback-exporter: error: --output: cannot write \(device): \(error)\n"))
                var now = stat()
                #expect(stat(device, &now) == 0 && now.st_mode & S_IFMT == S_IFCHR, "\(name) was replaced")
            }
        }
    }

    @Test func refusesDirectoriesAndSockets() async throws {
        try await TemporaryDirectory.with { folder in
            let path = folder.path()
            let process = try await ExporterProcess.run(["collect", "--output", path], against: FlashbackSimulation())
            #expect(process.status == 2)
            #expect(process.errors.contains("--output: cannot write \(path): Is a directory"))
            let socket = folder.path("socket")
            #expect(mknod(socket, S_IFSOCK | 0o600, 0) == 0)
            let refused = try await ExporterProcess.run(["collect", "--output", socket], against: FlashbackSimulation())
            #expect(refused.status == 2)
            #expect(
                refused.errors.contains(
                    "--output: cannot write \(socket): not a regular file, a pipe or a character device"))
            #expect(try folder.names() == ["socket"])
        }
    }

    @Test func unwritableFileIsOneLineWithStatus2() async throws {
        try await TemporaryDirectory.with { folder in
            let path = folder.path("missing/flashback.prom")
            let process = try await ExporterProcess.run(["collect", "--output", path], against: FlashbackSimulation())
            #expect(process.status == 2)
            #expect(process.errors.contains("--output: cannot write \(path): No such file or directory"))
        }
    }

    @Test func missingTokenFileIsOneLineWithStatus2() async throws {
        let process = try await ExporterProcess.run(["collect", "--flashback.token-file", "/nonexistent/token"])
        #expect(process.status == 2)
        let line =
            "flashback-exporter: error: --flashback.token-file: cannot read the file /nonexistent/token: No such file or directory"
        #expect(process.errors.hasPrefix(line))
        #expect(process.errors.filter(\.isNewline).count == 1)
    }
}

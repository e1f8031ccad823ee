import Foundation
import TestSupport
import Testing

@testable import ExporterWeb
@testable import Exposition

@Suite struct ProcessFamiliesTests {
    private func scraped() throws -> ParsedExposition {
        try ParsedExposition(MetricSnapshot(ProcessFamilies.rendered()).body(in: .text).bytes)
    }

    @Test func valuesArePlausible() throws {
        let process = try scraped()
        let resident = try #require(process.value("process_resident_memory_bytes"))
        #expect(resident > 1e6 && resident < 1e11)
        #expect(try #require(process.value("process_virtual_memory_bytes")) >= resident)
        let start = try #require(process.value("process_start_time_seconds"))
        let now = Date().timeIntervalSince1970
        // The kernel rounds the boot time to seconds, and changes it when the clock is set.
        #expect(start < now + 60 && start > now - 86_400)
        #expect(try #require(process.value("process_cpu_seconds_total")) > 0)
        #expect(try #require(process.value("process_open_fds")) >= 3)
        #expect(try #require(process.value("process_max_fds")) >= #require(process.value("process_open_fds")))
    }

    @Test func processorTimeNeverDecreases() throws {
        let before = try #require(try scraped().value("process_cpu_seconds_total"))
        var sum: UInt64 = 0
        for number in 0..<2_000_000 as Range<UInt64> { sum &+= number &* number }
        #expect(sum != 1)
        #expect(try #require(try scraped().value("process_cpu_seconds_total")) >= before)
    }

    @Test func openFilesAreCounted() throws {
        // Files of earlier tests may be closed meanwhile, but not every time.
        for _ in 0..<1000 {
            let before = try #require(try scraped().value("process_open_fds"))
            let files = try (0..<20).map { _ in try FileHandle(forReadingFrom: URL(filePath: "/dev/null")) }
            let after = try #require(try scraped().value("process_open_fds"))
            for file in files { try file.close() }
            if after == before + 20 { return }
        }
        Issue.record("twenty open files never made twenty more")
    }
}

import ArgumentParser
import Basics
import Exposition
import Foundation
import Testing

@testable import FlashbackExporter

@Suite struct MetricOptionsTests {
    private func selection(_ arguments: [String]) throws -> MetricSelection {
        try ExporterOptions.parse(arguments).metrics.selection()
    }

    private func refusal(_ arguments: [String]) -> String {
        do {
            _ = try selection(arguments)
            return "nothing"
        } catch {
            return ExporterOptions.message(for: error)
        }
    }

    @Test func withoutFlagsEverythingIsExported() throws {
        #expect(try selection([]) == MetricSelection())
    }

    @Test func flagsAreApplied() throws {
        let selection = try selection([
            "--metrics.include=flashback_up", "--metrics.include=process_.*", "--metrics.exclude=process_open_fds",
            "--metrics.states=current",
        ])
        #expect(selection.families.include.map(\.text) == ["flashback_up", "process_.*"])
        #expect(selection.families.exclude.map(\.text) == ["process_open_fds"])
        #expect(selection.states == .current)
    }

    @Test func smallestUsefulSetIsTheDocumentedOne() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../..").standardized
        let text = try String(contentsOf: root.appending(path: "docs/narrowing.md"), encoding: .utf8)
        let command = try #require(text.firstMatch(of: /(?s)<!-- reachability -->.*?```sh\n(.*?)\n```/)).1
        let flags = command.matches(of: /(--metrics\.[a-z]+)='([^']+)'/)
        let documented = try selection(flags.map { "\($0.1)=\($0.2)" })
        #expect(documented == ReachabilityMetrics.selected(by: MetricSelection()))
        #expect(documented.families.include.count == 3)
    }

    /// Metrics of collectors that are off by default, of the backfill, and of the exporter itself.
    @Test(arguments: [
        "flashback_repository_info", "flashback_bucket_daily_requests", "flashback_exporter_probes_total",
        "flashback_exporter_build_info", "flashback_exporter_shards", "process_cpu_seconds_total",
    ])
    func patternMayMatchAnyMetric(_ name: String) throws {
        #expect(try selection(["--metrics.exclude=\(name)"]).families.exclude.map(\.text) == [name])
    }

    @Test(arguments: [
        // The name of the samples, not of the family.
        (
            "--metrics.include=flashback_api_request_duration_seconds_bucket",
            "--metrics.include: no metric has a name that matches "
        ),
        ("--metrics.include=flashback_bucket", "matches \"flashback_bucket\""), ("--metrics.exclude=()", "matches \"()\""),
        ("--metrics.exclude=nothing.*", "--metrics.exclude: no metric has a name that matches \"nothing.*\""),
        ("--metrics.include=a[", "--metrics.include"), ("--metrics.exclude=\\d", "\\d is unknown"),
        ("--metrics.states=some", "--metrics.states"),
    ])
    func invalidFlagsAreRefused(_ argument: String, _ words: String) {
        #expect(refusal([argument]).contains(words), "\(refusal([argument]))")
    }
}

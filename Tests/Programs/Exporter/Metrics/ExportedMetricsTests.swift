import Basics
import ExporterWeb
import Exposition
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

@testable import FlashbackExporter

/// The effect of a selection of metrics on what the exporter serves.
@Suite(.timeLimit(.minutes(5))) struct ExportedMetricsTests {
    private let time = ManualTime()

    private func settings(_ simulator: FlashbackSimulator, include: [String]) throws -> ExporterSettings {
        let patterns = try include.map { try Pattern(parsing: $0) }
        var settings = try ExporterSettings.of(AccountSettings(nil, simulator) { $0.metrics.families.include = patterns })
        settings.enablesLifecycle = true
        return settings
    }

    @Test func everySourceIsLimited() async throws {
        let include = ["flashback_up", "flashback_exporter_build_info", "process_(open|max)_fds"]
        try await FlashbackSimulator.serving(.account(time: time)) { [time] simulator in
            try await RunningAccounts.running(settings(simulator, include: include), time: time) { running in
                let page = try await running.scrape()
                #expect(
                    page.families.map(\.name)
                        == ["flashback_up", "flashback_exporter_build_info", "process_open_fds", "process_max_fds"])
                #expect(simulator.simulation.requests.received == 1)
                #expect(try await running.scrape("?name[]=process_max_fds").families.map(\.name) == ["process_max_fds"])
                let refusal = await running.text("/metrics?name[]=flashback_bucket_info")
                #expect(refusal.contains("no family is named \"flashback_bucket_info\"; available: flashback_up, "))
                #expect(await running.text("/metrics?collect[]=status").contains("no enabled collector is named"))
            }
        }
    }

    @Test func reloadChangesTheSelection() async throws {
        try await FlashbackSimulator.serving(.account(time: time)) { [time] simulator in
            let first = try settings(simulator, include: ["flashback_up"])
            let second = try settings(simulator, include: ["flashback_bucket_info", "process_max_fds"])
            try await RunningAccounts.running(first, time: time, reload: { second }) { running in
                let before = try await running.scrape()
                #expect(before.families.map(\.name) == ["flashback_up"])
                #expect(await running.configuration.reload() == .active)
                #expect(try await running.scrape().families.map(\.name) == ["flashback_bucket_info", "process_max_fds"])
                #expect(try await running.scrape("?name[]=process_max_fds").families.count == 1)
            }
        }
    }
}

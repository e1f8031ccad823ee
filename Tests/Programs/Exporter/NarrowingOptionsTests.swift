import ArgumentParser
import Basics
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

@testable import FlashbackExporter

/// The flags that narrow down what is collected, and the resulting selection.
@Suite struct NarrowingOptionsTests {
    private func selection(_ arguments: [String], hostName: String = "exporter") throws -> BucketSelection {
        try ExporterOptions.parse(arguments).narrowing.narrow(CollectionConfiguration(), hostName: { hostName }).selection
    }

    private func refusal(_ arguments: [String], hostName: String = "exporter") -> String {
        do {
            _ = try selection(arguments, hostName: hostName)
            return "nothing"
        } catch {
            return ExporterOptions.message(for: error)
        }
    }

    @Test func withoutFlagsEverythingIsSelected() throws {
        let selection = try selection([])
        #expect(selection.names.include.isEmpty && selection.names.exclude.isEmpty)
        #expect(selection.workspaces.include.isEmpty && selection.workspaces.exclude.isEmpty)
        #expect(selection.maximumBuckets == nil && selection.maximumNodesPerBucket == nil)
        #expect(selection.shard == nil)
    }

    @Test func flagsAreApplied() throws {
        let selection = try selection([
            "--bucket.include=a.*", "--bucket.include=b", "--bucket.exclude=c", "--workspace.include=d", "--workspace.exclude=e",
            "--limit.buckets=10", "--limit.nodes-per-bucket=5", "--shard.index=1", "--shard.total=3",
        ])
        #expect(selection.names.include.map(\.text) == ["a.*", "b"])
        #expect(selection.names.exclude.map(\.text) == ["c"])
        #expect(selection.workspaces.include.map(\.text) == ["d"])
        #expect(selection.workspaces.exclude.map(\.text) == ["e"])
        #expect(selection.maximumBuckets == 10 && selection.maximumNodesPerBucket == 5)
        #expect(selection.shard == Shard(index: 1, total: 3))
    }

    @Test(arguments: ["flashback-exporter-2", "flashback-exporter-2.flashback-exporter.monitoring.svc.cluster.local", "pod-0002"])
    func hostNameProvidesTheIndex(_ hostName: String) throws {
        #expect(
            try selection(["--shard.index=hostname", "--shard.total=3"], hostName: hostName).shard == Shard(index: 2, total: 3))
    }

    @Test(arguments: [
        (["--bucket.include=a["], "--bucket.include"), (["--bucket.exclude=\\d"], "\\d is unknown"),
        (["--workspace.include=("], "--workspace.include"), (["--workspace.exclude=*"], "--workspace.exclude"),
        (["--limit.buckets=-1"], "--limit.buckets must not be negative"),
        (["--limit.nodes-per-bucket=-1"], "--limit.nodes-per-bucket must not be negative"),
        (["--shard.index=0"], "--shard.index needs --shard.total"), (["--shard.total=3"], "--shard.total needs --shard.index"),
        (["--shard.index=0", "--shard.total=0"], "--shard.total must be at least 1"),
        (["--shard.index=0", "--shard.total=65537"], "--shard.total must be at most 65536"),
        (["--shard.index=0", "--shard.total=4000000000000000000"], "--shard.total must be at most 65536"),
        (["--shard.index=3", "--shard.total=3"], "--shard.index: 3 must be less than --shard.total, which is 3"),
        (["--shard.index=-1", "--shard.total=3"], "--shard.index"),
        (["--shard.index=x", "--shard.total=3"], "must be a number from 0, or hostname"),
        (["--shard.index=", "--shard.total=3"], "--shard.index"),
        (["--shard.index=hostname", "--shard.total=3"], "does not end in a hyphen and a number"),
    ])
    func errorsNameTheInvalidFlag(_ arguments: [String], _ words: String) {
        do {
            _ = try ExporterOptions.parse(arguments)
        } catch {
            let message = ExporterCommand.message(for: error)
            #expect(message.contains(words) && !message.contains("\n"), "\(message)")
            return
        }
        let refusal = refusal(arguments)
        #expect(refusal.contains(words) && !refusal.contains("\n"), "\(refusal)")
    }

    @Test(arguments: [
        "exporter", "exporter-", "", "exporter2", "-", "exporter-2x", "exporter-3", "exporter-99999999999999999999",
    ])
    func hostNameWithoutOrdinalIsRefused(_ hostName: String) {
        let refusal = refusal(["--shard.index=hostname", "--shard.total=3"], hostName: hostName)
        #expect(refusal.contains("--shard.index"), "\(refusal)")
    }

    @Test func checkCountsTheSelectedBuckets() async throws {
        let simulation = FlashbackSimulation()
        let mine = simulation.buckets.count { Shard(index: 0, total: 2)?.owns(Identifier($0.id)) == true }
        let process = try await ExporterProcess.run(
            ["check", "--shard.index=0", "--shard.total=2", "--limit.buckets=3"], against: simulation)
        #expect(process.status == 0)
        #expect(process.lines.contains("API: good, 20 buckets"))
        #expect(process.lines.contains("selection: 3 of them are collected; --limit.buckets drops \(mine - 3)"))
        #expect(process.lines.contains("collector status: good (3 requests every 30s)"))
    }

    @Test func collectWritesTheSelectedBucketsAndTheShard() async throws {
        let process = try await ExporterProcess.run(
            ["collect", "--shard.index=1", "--shard.total=2", "--limit.buckets=2"], against: FlashbackSimulation())
        #expect(process.status == 0)
        let metrics = try ParsedExposition(Array(process.output.utf8))
        #expect(metrics.samples("flashback_bucket_info").count == 2)
        #expect(metrics.value("flashback_exporter_shard_info", ["shard": "1"]) == 1)
        #expect(metrics.value("flashback_exporter_shards") == 2)
    }
}

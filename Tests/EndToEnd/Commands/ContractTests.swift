import Foundation
import TestTools
import Testing

/// `check --contract` against the simulator's variations of the API and against recordings of them.
@Suite(.timeLimit(.minutes(10))) struct ContractTests {
    /// Flags of the simulator that can be combined, and a part of the line that reports each.
    private static let switches = [
        ("--dialect.latency=latencyMs", "GET /bucket/{bucketId}/status: nodeStatus.latency_ms: called latencyMs"),
        ("--dialect.bucket-id=unitId", "GET /bucket/stats: stats.bucketId: called unitId"),
        ("--dialect.totals=number", "stats.totalUploadBytes: number instead of string"),
        ("--dialect.totals-names=camelCase", "stats.totalUploadBytes: called uplBytes"),
        ("--dialect.azure=AZURE", "buckets.storageType: word AZURE"),
        ("--dialect.list=array", "GET /bucket: buckets: the list itself"),
        ("--dialect.available=envelope", "GET /bucket/available: buckets: an object with the list"),
        ("--dialect.last-updated=last_updated", "nodeStatus.lastUpdated: called last_updated"),
        ("--dialect.node-status=nodeStatus", "nodeStatus.status: called nodeStatus"),
        ("--dialect.host=url", "nodeStats.host: called url"),
        ("--dialect.uptime=online", "nodeStats.perc_uptime: called online"),
        ("--dialect.disconnected=ERROR", "nodeStatus.status: word ERROR"),
        ("--dialect.online-bucket=ACTIVE", "buckets.status: word ACTIVE"),
        ("--dialect.times=seconds", "buckets.createdAt: time without milliseconds"),
        ("--dialect.client-fields", "GET /bucket: buckets: new field projectId (string)"),
        ("--dialect.repository-buckets-name=units", "repos.buckets: called units"),
        ("--dialect.nodes=array", "GET /node: data: the list itself"),
        ("--dialect.node-latency=latency_ms", "GET /node: data.latencyMs: called latency_ms"),
        ("--dialect.node-address=endpoint", "GET /node: data.url: called endpoint"),
        ("--dialect.online-node=running", "GET /node: data.status: word running"),
        ("--dialect.traffic-names=snake_case", "entities.totals.uplBytes: called upl_bytes"),
        ("--dialect.amounts=string", "quotaUsage.usage.current: string instead of number"),
        ("--dialect.credit-date=day", "data.dateBalance: day without time"),
    ]

    private static let everything = [
        "--collector.quota", "--collector.credits", "--collector.nodes", "--collector.repositories", "--collector.traffic",
    ]

    private func expectContract(
        _ simulator: RunningSimulator, in directory: TemporaryDirectory, _ check: ([String]) -> Void
    ) async throws {
        let live = try await simulator.finished(["check", "--contract"] + Self.everything)
        let file = directory.path("api.ndjson")
        let record = try await simulator.finished(["record", "--output", file] + Self.everything)
        let recorded = try await RunningProcess.finished(Program.exporter, ["check", "--contract", "--recording", file])
        #expect(
            [live.end, record.end, recorded.end] == [.status(0), .status(0), .status(0)], "\(live.outputText)\(live.errorText)")
        for finished in [live, recorded] {
            check(finished.outputText.split(separator: "\n").map(String.init))
        }
        #expect(live.outputText == recorded.outputText)
    }

    @Test func documentedFormHasNoDifference() async throws {
        try await TemporaryDirectory.with { directory in
            try await RunningSimulator.running { simulator in
                try await expectContract(simulator, in: directory) { lines in
                    #expect(lines.count == 1)
                    #expect(
                        lines.first?.hasPrefix("contract: ") == true
                            && lines.first?.hasSuffix(" examined, no differences") == true)
                }
            }
        }
    }

    @Test func turnedSwitchesOfTheSimulatorAreNamed() async throws {
        try await TemporaryDirectory.with { directory in
            try await RunningSimulator.running(Self.switches.map(\.0)) { simulator in
                try await expectContract(simulator, in: directory) { lines in
                    for (flag, line) in Self.switches {
                        #expect(lines.contains { $0.hasPrefix("note: ") && $0.contains(line) }, "\(flag): \(lines)")
                    }
                }
            }
        }
    }

    @Test func missingFieldIsAProblemWithStatus1() async throws {
        try await TemporaryDirectory.with { directory in
            try await RunningSimulator.running(["--dialect.optional-fields", "missing"]) { simulator in
                let live = try await simulator.finished(["check", "--contract"])
                #expect(live.end == .status(1))
                #expect(live.outputText.contains("problem: GET /bucket: buckets.region: missing everywhere"))
                let file = directory.path("api.ndjson")
                _ = try await simulator.finished(["record", "--output", file])
                let recorded = try await RunningProcess.finished(Program.exporter, ["check", "--contract", "--recording", file])
                #expect(recorded.end == .status(1))
                #expect(recorded.outputText == live.outputText)
            }
        }
    }

    @Test func recordingNeedsContract() async throws {
        let finished = try await RunningProcess.finished(Program.exporter, ["check", "--recording", "api.ndjson"])
        #expect(finished.end == .status(2))
        #expect(finished.errorText == "flashback-exporter: error: --recording needs --contract\n")
    }
}

import FlashbackAPI
import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite struct BackfillCommandTests {
    private static func simulation(buckets: Int = 5) -> FlashbackSimulation {
        var configuration = SimulatorConfiguration()
        configuration.buckets = buckets
        configuration.canary = "canary"
        // A resumed run has the same API address only with the same server, so the token must live as long as the test.
        return FlashbackSimulation(configuration)
    }

    /// The arguments for the last complete days.
    private static func arguments(_ output: String, days: Int = 3) -> [String] {
        let today = UTCDay(Date())
        return [
            "backfill", "--from", today.advanced(by: -days).date, "--to", today.date, "--output", output, "--step", "1h",
            "--label", "job=flashback",
        ]
    }

    private static let patience = ["--flashback.connect-timeout", "2m", "--flashback.timeout", "5m"]

    @Test func successWritesTheFileAndDeletesTheIntermediateOne() async throws {
        let (directory, simulation) = (try TemporaryDirectory(), Self.simulation())
        let file = directory.path("backfill.om")
        let process = try await ExporterProcess.run(Self.arguments(file), against: simulation)
        #expect(process.status == 0 && process.output.isEmpty)
        // Three nodes with six series each, and two series of the account.
        #expect(process.errors == "flashback-exporter: wrote \((5 * 3 * 6 + 2) * 72) samples to \(file)\n")
        let text = try directory.text(of: "backfill.om")
        #expect(text.hasSuffix("\n# EOF\n") && text.filter { $0 == "\n" }.count == (5 * 3 * 6 + 2) * 72 + 5 * 3 + 1)
        for bucket in simulation.buckets { #expect(text.contains("{job=\"flashback\",bucket_id=\"\(bucket.id)\"")) }
        #expect(!text.contains("canary"))
        #expect(try directory.names() == ["backfill.om"])
        #expect(simulation.requests.count(.dailyStats) == 5 * 4 && simulation.requests.count(.listBuckets) == 1)
    }

    @Test func repeatedCommandResumesAnInterruptedBackfill() async throws {
        let (directory, simulation) = (try TemporaryDirectory(), Self.simulation())
        try await FlashbackSimulator.serving(simulation) { simulator in
            let environment = ["FLASHBACK_TOKEN": simulation.issueTokens().accessToken]
            func arguments(_ name: String) -> [String] {
                Self.arguments(directory.path(name)) + ["--flashback.url", simulator.url, "--flashback.concurrency", "1"]
                    + Self.patience
            }
            let whole = try await ExporterProcess.run(arguments("whole"), environment: environment)
            #expect(whole.status == 0)
            simulation.requests.reset()

            // Requests about the third bucket are never answered.
            let hang = simulation.faults.add(.hang, to: .dailyStats, bucket: simulation.buckets[2].id)
            let interrupted = try await ExporterProcess.run(arguments("parts"), environment: environment) { process in
                await simulation.requests.wait(untilReceived: 1 + 2 * 4 + 1)
                kill(process, SIGTERM)
            }
            #expect(interrupted.status == 143)
            #expect(try directory.names() == ["parts.part", "whole"])
            simulation.faults.remove(hang)
            // As if it had been killed while writing a line.
            let kept = try directory.text(of: "parts.part")
            try directory.write(kept + #"{"bucket":"\#(simulation.buckets[2].id)","no"#, to: "parts.part")

            let other = try await ExporterProcess.run(arguments("parts") + ["--label", "a=b"], environment: environment)
            #expect(other.status == 2)
            #expect(
                other.errors.hasPrefix(
                    "flashback-exporter: error: --output: \(directory.path("parts.part")) belongs to a backfill with other arguments"
                ))

            simulation.requests.reset()
            let continued = try await ExporterProcess.run(arguments("parts"), environment: environment)
            #expect(continued.status == 0, "\(continued.errors)")
            #expect(simulation.requests.count(.dailyStats) == 3 * 4)
            #expect(try directory.text(of: "parts") == directory.text(of: "whole"))
            #expect(try directory.names() == ["parts", "whole"])
        }
    }

    @Test func failuresAreReportedInLinesAndRetriedByTheSameCommand() async throws {
        let (directory, simulation) = (try TemporaryDirectory(), Self.simulation())
        try await FlashbackSimulator.serving(simulation) { simulator in
            let environment = ["FLASHBACK_TOKEN": simulation.issueTokens().accessToken]
            let arguments = Self.arguments(directory.path("file")) + ["--flashback.url", simulator.url] + Self.patience
            simulation.setForbidden(true, bucket: simulation.buckets[1].id)
            let fault = simulation.faults.add(.status(500), to: .dailyStats, bucket: simulation.buckets[3].id)
            let process = try await ExporterProcess.run(arguments, environment: environment)
            #expect(process.status == 1)
            let lines = process.errors.split(separator: "\n")
            let forbidden = "flashback-exporter: bucket \(simulation.buckets[1].name.debugDescription) on "
            #expect(lines.filter { $0.hasPrefix(forbidden) && $0.contains("HTTP 403") }.count == 1, "\(process.errors)")
            let failed = "flashback-exporter: bucket \(simulation.buckets[3].name.debugDescription) on "
            #expect(lines.filter { $0.hasPrefix(failed) && $0.contains("HTTP 500") }.count == 4, "\(process.errors)")
            #expect(lines.last == "flashback-exporter: 5 requests failed; repeat the command to make only these again")
            let text = try directory.text(of: "file")
            #expect(text.contains(simulation.buckets[0].id) && !text.contains(simulation.buckets[1].id))
            #expect(try directory.names() == ["file", "file.part"])

            simulation.setForbidden(false, bucket: simulation.buckets[1].id)
            simulation.faults.remove(fault)
            simulation.requests.reset()
            let repeated = try await ExporterProcess.run(arguments, environment: environment)
            #expect(repeated.status == 0, "\(repeated.errors)")
            #expect(simulation.requests.count(.dailyStats) == 2 * 4)
            let whole = try directory.text(of: "file")
            for bucket in simulation.buckets { #expect(whole.contains(bucket.id)) }
            #expect(try directory.names() == ["file"])
        }
    }

    @Test func outageEndsTheBackfillEarlyWithoutAFile() async throws {
        let (directory, simulation) = (try TemporaryDirectory(), Self.simulation(buckets: 40))
        simulation.faults.add(.status(400), to: .dailyStats)
        let process = try await ExporterProcess.run(Self.arguments(directory.path("file")), against: simulation)
        #expect(process.status == 1)
        let lines = process.errors.split(separator: "\n")
        #expect(lines.count == 20 + 2, "\(process.errors)")
        #expect(lines[20].wholeMatch(of: /flashback-exporter: and \d+ more failures/) != nil, "\(lines[20])")
        #expect(
            lines[21]
                == "flashback-exporter: stopped, since 10 buckets in a row could not be read; repeat the command to continue")
        #expect(simulation.requests.count(.dailyStats) < 20 * 4)
        #expect(try directory.names() == ["file.part"])
    }

    @Test func unreadableBucketListIsOneLineWithStatus1() async throws {
        let directory = try TemporaryDirectory()
        let process = try await ExporterProcess.run(
            Self.arguments(directory.path("file")), against: Self.simulation(), token: "canary-token")
        #expect(process.status == 1)
        #expect(process.errors.hasPrefix("flashback-exporter: GET /bucket: HTTP 401: ") && !process.errors.contains("canary"))
        #expect(try directory.names() == [])
    }

    @Test func narrowingAndDisabledCollectorsApply() async throws {
        let (directory, simulation) = (try TemporaryDirectory(), Self.simulation())
        let narrowing = ["--limit.buckets", "2", "--limit.nodes-per-bucket", "1", "--no-collector.yesterday"]
        let process = try await ExporterProcess.run(
            Self.arguments(directory.path("file")) + narrowing, against: simulation)
        #expect(process.status == 0)
        #expect(process.errors.contains("wrote \((2 * 1 * 2 + 1) * 72) samples"), "\(process.errors)")
        #expect(try !directory.text(of: "file").contains("yesterday"))
        #expect(simulation.requests.count(.dailyStats) == 2 * 3)
    }

    @Test func trafficAddsTheSumsOfDays() async throws {
        let (directory, simulation) = (try TemporaryDirectory(), Self.simulation())
        // In addition to the daily series, five series per bucket, at 72 times.
        let samples = 72 * (92 + 25)
        let process = try await ExporterProcess.run(
            Self.arguments(directory.path("file")) + ["--traffic"], against: simulation)
        #expect(process.status == 0, "\(process.errors)")
        #expect(
            process.errors.hasPrefix("flashback-exporter: wrote \(samples) samples"), "\(process.errors)")
        let text = try directory.text(of: "file")
        #expect(text.contains("\n# TYPE flashback_bucket_daily_requests gauge\n"))
        #expect(!text.contains("_total"), "a day's total is not a lifetime total")
        #expect(simulation.requests.count(.storageStatistics) == 5)
    }

    @Test func refusedTrafficIsReportedAndTheRestIsWritten() async throws {
        let (directory, simulation) = (try TemporaryDirectory(), Self.simulation())
        simulation.faults.add(.status(404), to: .storageStatistics)
        let process = try await ExporterProcess.run(
            Self.arguments(directory.path("file")) + ["--traffic"], against: simulation)
        #expect(process.status == 0)
        let lines = process.errors.split(separator: "\n")
        #expect(
            lines.count == 2 && lines[0].hasPrefix("flashback-exporter: omitting traffic: GET /v2/stats/storage: HTTP 404"))
        #expect(lines[1].hasPrefix("flashback-exporter: wrote \(72 * 92) samples"), "\(process.errors)")
        #expect(try directory.names() == ["file"])
    }

    @Test func oneOfSeveralAccountsCanBeChosen() async throws {
        let (directory, simulation) = (try TemporaryDirectory(), Self.simulation(buckets: 1))
        try await FlashbackSimulator.serving(simulation) { simulator in
            try directory.write(simulation.issueTokens().accessToken, to: "token")
            let configuration = try directory.write(
                """
                flashback: { url: "\(simulator.url)" }
                accounts:
                  - { name: one, token-file: token }
                  - { name: two, token-file: token }
                """, to: "exporter.yml")
            let arguments = Self.arguments(directory.path("file")) + ["--config.file", configuration] + Self.patience
            let chosen = try await ExporterProcess.run(arguments + ["--account", "two"])
            #expect(chosen.status == 0, "\(chosen.errors)")
            let text = try directory.text(of: "file")
            #expect(text.contains("{account=\"two\",job=") && !text.contains("account=\"one\""))
            let unknown = try await ExporterProcess.run(arguments + ["--account", "three"])
            #expect(unknown.status == 2)
            #expect(
                unknown.errors
                    == "flashback-exporter: error: --account: there is no account \"three\"; there are \"one\", \"two\"\n")
        }
    }

    @Test func invalidArgumentsAreOneLineWithStatus2BeforeAnyRequest() async throws {
        let directory = try TemporaryDirectory()
        let simulation = Self.simulation()
        let arguments = Self.arguments(directory.path("file"))
        for (change, message) in [
            (["--output", "-"], "--output: give the path of a file; promtool cannot read a pipe"),
            (["--output", directory.path()], "--output: \(directory.path()) is not a regular file"),
            (["--output", directory.path("a/b")], "--output: cannot open \(directory.path("a/b.part")): No such file"),
            (["--to", "2999-01-01"], "--to: only days that are over have final values"),
            (["--step", "7m"], "--step must be from 1m to 1d"), (["--label", "x"], "--label: \"x\" is not a label"),
            (["--account", "a"], "--account: there is no account \"a\"; only --config.file can name accounts"),
            (
                ["--no-collector.daily", "--no-collector.yesterday"],
                "the collectors daily and yesterday are both off; there is nothing to backfill"
            ),
        ] {
            let process = try await ExporterProcess.run(arguments + change, against: simulation)
            #expect(process.status == 2, "\(change)")
            #expect(process.errors.hasPrefix("flashback-exporter: error: \(message)"), "\(process.errors)")
            #expect(process.errors.filter(\.isNewline).count == 1)
        }
        let missing = try await ExporterProcess.run(["backfill"], against: simulation)
        #expect(missing.status == 2 && missing.errors.filter(\.isNewline).count == 1, "\(missing.errors)")
        #expect(simulation.requests.received == 0)
        #expect(try directory.names() == [])
    }
}

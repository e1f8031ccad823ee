import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

/// `record`, the simulator's `--replay` and `demo --replay`, run one after the other as by a user.
@Suite(.timeLimit(.minutes(10))) struct RecordingTests {
    /// Labels whose values are pseudonyms in a recording.
    private static let pseudonymous: Set<String> = [
        "bucket_id", "bucket_name", "cloud_bucket", "endpoint", "node", "host", "workspace_id", "workspace_name", "repository_id",
        "repository_name", "folder", "subscription_id", "subscription_name", "node_name", "capability",
    ]

    /// Quotas that the API's documentation names. A recording keeps these names and replaces others with pseudonyms.
    private static let documentedQuotas: Set<String> = ["EGRESS_MONTHLY_BYTES", "STORAGE_TOTAL_BYTES"]

    private static let canary = "c4nary"

    /// The API's data in an exposition, by series. Each pseudonymous value is replaced by the number of its first appearance, because the
    /// series have the order of the API's lists.
    private static func data(_ text: String) throws -> [String: Double] {
        var numbers: [String: [String: Int]] = [:]
        var values: [String: Double] = [:]
        for sample in try Metrics(text).samples where !isAboutTheExporter(sample.name) {
            var labels: [String] = []
            for (label, value) in sample.labels.sorted(by: { $0.key < $1.key }) {
                guard pseudonymous.contains(label), !value.isEmpty else {
                    labels.append("\(label)=\(value)")
                    continue
                }
                let number = numbers[label]?[value] ?? (numbers[label]?.count ?? 0) + 1
                numbers[label, default: [:]][value] = number
                labels.append("\(label)=#\(number)")
            }
            values["\(sample.name) \(labels)"] = sample.value
        }
        return values
    }

    /// Whether a family describes what the exporter did and how long it took, which differs between runs.
    private static func isAboutTheExporter(_ name: String) -> Bool {
        !name.hasPrefix("flashback_")
            || ["flashback_exporter_", "flashback_collector_", "flashback_bucket_collector_", "flashback_api_"].contains {
                name.hasPrefix($0)
            }
    }

    @Test func replayedRecordingIsExportedLikeTheAPI() async throws {
        try await Midnight.keepAway()
        try await TemporaryDirectory.with { directory in
            let file = directory.path("api.ndjson")
            let (before, after) = try await RunningSimulator.running(["--buckets", "12", "--canary", Self.canary]) {
                simulator -> ([String: Double], [String: Double]) in
                let before = try await simulator.finished(["collect"])
                let record = try await simulator.finished(["record", "--output", file])
                let after = try await simulator.finished(["collect"])
                #expect(record.end == .status(0), "\(record.errorText)")
                #expect(record.outputText.hasPrefix("exchanges: "))
                #expect(record.outputText.hasSuffix("wrote \(file); read it before sending it\n"))
                #expect(before.end == .status(0), "\(before.errorText)")
                let recorded = try directory.text(of: "api.ndjson")
                let said = recorded + record.outputText + record.errorText
                try expectNoIdentity(of: before.outputText, in: said)
                return (try Self.data(before.outputText), try Self.data(after.outputText))
            }
            let replayed = try await RunningSimulator.running(["--replay", file]) { simulator -> [String: Double] in
                let collect = try await simulator.finished(["collect"])
                #expect(collect.end == .status(0), "\(collect.errorText)")
                return try Self.data(collect.outputText)
            }
            expectBetween(before, replayed, after)

            let demo = try await RunningExporter.runningDemo(["--replay", file]) { exporter -> [String: Double] in
                _ = try await exporter.process.line(of: .output, containing: "reads a recording")
                return try Self.data(try await exporter.send("GET", "/metrics").text)
            }
            #expect(Set(demo.keys) == Set(replayed.keys))
            for (series, value) in replayed { #expect(demo[series] == value || isNaN(value, demo[series]), "\(series)") }
        }
    }

    /// Expects a text to contain neither the identities in an account's metrics nor a credential.
    private func expectNoIdentity(of exposition: String, in text: String) throws {
        let samples = try Metrics(exposition).samples
        let identities = Set(samples.flatMap { $0.labels.filter { Self.pseudonymous.contains($0.key) }.values })
            .subtracting(Self.documentedQuotas)
        #expect(identities.count > 40)
        // A part of a value may be a word that occurs in JSON or in the API's paths, so search for whole values. Some of the simulator's
        // own names look like pseudonyms.
        for identity in identities where !identity.isEmpty && identity.wholeMatch(of: /[a-z]+-\d+/) == nil {
            #expect(!text.contains("\"\(identity)\"") && !text.contains("/\(identity)/"), "\(identity)")
        }
        #expect(!text.contains(Self.canary))
    }

    /// Expects replayed values to be from the time of the recording: unchanged, if they were the same before and after it.
    private func expectBetween(_ before: [String: Double], _ replayed: [String: Double], _ after: [String: Double]) {
        #expect(before.count > 500)
        #expect(
            Set(replayed.keys) == Set(before.keys), "\(Set(replayed.keys).symmetricDifference(before.keys).sorted().prefix(5))")
        #expect(Set(after.keys) == Set(before.keys))
        var unchanged = 0
        for (series, value) in replayed {
            guard let one = before[series], let other = after[series] else { continue }
            if one == other { unchanged += 1 }
            // A range with NaN would crash.
            let isBetween = one.isNaN || other.isNaN ? isNaN(value, one) : min(one, other) <= value && value <= max(one, other)
            #expect(isBetween, "\(series): \(one), \(value), \(other)")
        }
        #expect(unchanged > 300)
    }

    private func isNaN(_ one: Double, _ other: Double?) -> Bool { one.isNaN && other?.isNaN == true }

    @Test func recordingThatCannotBeReadIsRefusedInOneLine() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write("flashback_up 1\n", to: "api.ndjson")
            let newer = try directory.write(
                #"{"format":"flashback-recording","version":2,"exporter":"1.0","began":"2026-01-15T10:30:00.000Z"}"# + "\n",
                to: "newer.ndjson")
            for (program, name, arguments) in [
                (Program.simulator, "flashback-simulator", ["--replay"]),
                (Program.exporter, "flashback-exporter", ["demo", "--replay"]),
                (Program.exporter, "flashback-exporter", ["check", "--contract", "--recording"]),
            ] {
                for (file, says) in [
                    (file, "not a recording"), (newer, "version 2"), (directory.path("none"), "cannot read the recording"),
                ] {
                    let finished = try await RunningProcess.finished(program, arguments + [file])
                    #expect(finished.end == .status(2))
                    #expect(finished.outputText == "")
                    let error = finished.errorText
                    #expect(error.hasPrefix("\(name): error: \(arguments.last ?? ""): ") && error.contains(says), "\(error)")
                    #expect(error.hasSuffix("\n") && error.count { $0.isNewline } == 1, "\(error)")
                }
            }
        }
    }
}

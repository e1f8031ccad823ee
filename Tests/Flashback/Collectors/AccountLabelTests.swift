import Basics
import Exposition
import FlashbackCollectors
import Foundation
import TestSupport
import Testing

@Suite struct AccountLabelTests {
    /// The samples of an account's snapshot as lines.
    private func lines(account name: Identifier?) async throws -> [String] {
        let account = try CollectedAccount()
        let engine = CollectionEngine(
            client: account.client, account: name, time: account.time.source, logger: account.log.logger)
        let text = String(decoding: await engine.snapshot().body(in: .text).bytes, as: UTF8.self)
        return text.split(separator: "\n").map(String.init)
    }

    @Test func namedAccountAddsOneLabelToEverySeries() async throws {
        let name: Identifier = "the \"first\\\n"
        let (without, with) = (try await lines(account: nil), try await lines(account: name))
        #expect(without.count > 100)
        #expect(!without.contains { $0.contains("account=") })
        let label = #"account="the \"first\\\n""#
        let expected = without.map { line -> String in
            if line.hasPrefix("#") { return line }
            let end = line.firstIndex { $0 == "{" || $0 == " " }!
            let rest = line[end...]
            return rest.hasPrefix("{") ? "\(line[..<end]){\(label),\(rest.dropFirst())" : "\(line[..<end]){\(label)}\(rest)"
        }
        #expect(with == expected)
    }

    @Test func filterSelectsTheSeriesOfAnAccount() async throws {
        let account = try CollectedAccount()
        let refreshers = (["one", "two"] as [Identifier]).map {
            CollectionEngine(client: account.client, account: $0, time: account.time.source, logger: account.log.logger)
        }
        var snapshots: [MetricSnapshot] = []
        for engine in refreshers { snapshots.append(await engine.snapshot()) }
        let both = MetricSnapshot.merging(snapshots)
        #expect(Set(both.partitionsByAccount.keys) == ["one", "two"])
        #expect(both.families.count == snapshots[0].families.count)
        let parsed = try ParsedExposition(both.body(in: .text, filter: SampleFilter(accounts: ["two"])).bytes)
        for sample in parsed.families.flatMap(\.samples) { #expect(sample.labels["account"] == "two") }
    }
}

import Exposition
import FlashbackCollectors
import Foundation
import TestSupport
import TestTools
import Testing

/// Collection cycles under random faults, in simulated time.
///
/// `CHAOS_SIMULATED_SEEDS` lists the seeds, one run for each, and `CHAOS_CYCLES` sets the total number of cycles of all runs;
/// scripts/torture/chaos.sh uses both.
@Suite(.timeLimit(.minutes(60))) struct ChaosTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let cyclesOfARun = 250

    private static var seeds: [UInt64] {
        let named = environment["CHAOS_SIMULATED_SEEDS"].map { $0.split(separator: " ").compactMap { UInt64($0) } } ?? []
        if !named.isEmpty { return named }
        let cycles = environment["CHAOS_CYCLES"].flatMap { Int($0) } ?? cyclesOfARun
        return (1...max(1, (cycles + cyclesOfARun - 1) / cyclesOfARun)).map { UInt64($0) }
    }

    @Test(arguments: seeds) func cyclesUnderRandomFaultsKeepTheirPromises(seed: UInt64) async throws {
        try await TemporaryDirectory.with { folder in
            try await SimulatedTime.run { time in
                let account = try ChaosAccount(seed: seed, time: time, folder: folder)
                var judge = ChaosJudge()
                var cycle = 0
                while cycle < Self.cyclesOfARun {
                    let isCalm = cycle % 50 >= 25
                    if cycle % 50 == 25 { try account.calm() }
                    if isCalm { try await time.sleep(for: .seconds(31)) } else { try await account.disturb() }
                    // A pause of the API and the delay after a failed renewal last up to five minutes each.
                    let faults = await scrape(account, &judge, isComplete: cycle % 50 >= 45)
                    for fault in faults { Issue.record("seed \(seed), cycle \(cycle), \(time.uptime): \(fault)") }
                    if !faults.isEmpty {
                        let before = account.history.suffix(12) + account.log.lines.suffix(12)
                        Issue.record("before that:\n\(before.joined(separator: "\n"))")
                        break
                    }
                    cycle += 1
                }
                try await account.stop()
                guard cycle == Self.cyclesOfARun else { return }
                let unjudged = judge.unjudged(account)
                #expect(unjudged.isEmpty, "seed \(seed) shows nothing about these")
                if Self.environment["CHAOS_CYCLES"] != nil, unjudged.isEmpty {
                    let counts = judge.judged.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                    print("chaos: seed \(seed), \(cycle) cycles: \(counts.joined(separator: ", "))")
                }
            }
        }
    }

    private func scrape(_ account: ChaosAccount, _ judge: inout ChaosJudge, isComplete: Bool) async -> [String] {
        let start = ChaosJudge.Beginning(uptime: account.time.uptime, date: account.date, known: account.witness.known)
        let (engine, patience) = (account.engine, isComplete ? .seconds(55) : account.patience())
        let scrapes = account.concurrentScrapes()
        async let others: Void = withTaskGroup(of: Void.self) { group in
            for _ in 1..<scrapes { group.addTask { _ = await engine.snapshot(within: patience) } }
        }
        let snapshot = await engine.snapshot(within: patience)
        let faults = judge.faults(
            in: snapshot.body(in: .text).bytes, snapshot.body(in: .openMetrics).bytes, account, since: start,
            isComplete: isComplete)
        await others
        return faults
    }
}

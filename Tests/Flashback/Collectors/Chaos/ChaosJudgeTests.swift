import Exposition
import FlashbackCollectors
import Foundation
import Logging
import TestSupport
import TestTools
import Testing

/// The judge of ``ChaosTests`` finds what is wrong with a scrape, and nothing in one that is right.
@Suite(.timeLimit(.minutes(5))) struct ChaosJudgeTests {
    /// A scrape of an account about which everything is known.
    private struct Scrape {
        let account: ChaosAccount
        var start: ChaosJudge.Beginning
        var judge: ChaosJudge
        var text: String
        var openMetrics: String

        init(_ snapshot: MetricSnapshot, _ account: ChaosAccount, _ judge: ChaosJudge) {
            (self.account, self.judge, start) = (account, judge, Self.beginning(account))
            text = String(decoding: snapshot.body(in: .text).bytes, as: UTF8.self)
            openMetrics = String(decoding: snapshot.body(in: .openMetrics).bytes, as: UTF8.self)
        }

        static func beginning(_ account: ChaosAccount) -> ChaosJudge.Beginning {
            ChaosJudge.Beginning(uptime: account.time.uptime, date: account.date, known: account.witness.known)
        }

        /// Changes or removes the same lines of both formats.
        mutating func change(_ changed: (String) -> String?) {
            func rewritten(_ body: String) -> String {
                body.split(separator: "\n").compactMap { changed(String($0)) }.joined(separator: "\n") + "\n"
            }
            (text, openMetrics) = (rewritten(text), rewritten(openMetrics))
        }

        /// A copy with another text in one of its formats.
        func replacing(_ text: String, with other: String, in body: WritableKeyPath<Scrape, String>) -> Scrape {
            var changed = self
            changed[keyPath: body] = changed[keyPath: body].replacing(text, with: other)
            return changed
        }

        /// Sets the value of a series without labels.
        mutating func set(_ name: String, to value: String) {
            change { $0.hasPrefix("\(name) ") ? "\(name) \(value)" : $0 }
        }

        /// Whether a line is a sample of a family, and of a day if one is given.
        static func isSample(_ line: some StringProtocol, of family: String, _ day: String?) -> Bool {
            line.hasPrefix("\(family){") && (day.map { line.contains("day=\"\($0)\"") } ?? true)
        }

        /// A bucket with data in a family.
        func bucket(in family: String, _ day: String? = nil) throws -> String {
            let line = text.split(separator: "\n").first { Self.isSample($0, of: family, day) }
            return try String(#require(line?.firstMatch(of: /bucket_id="([^"]+)"/)).1)
        }

        func faults(isComplete: Bool = false) -> [String] {
            var judge = judge
            return judge.faults(in: Array(text.utf8), Array(openMetrics.utf8), account, since: start, isComplete: isComplete)
        }

        func expect(_ fault: String, isComplete: Bool = false, sourceLocation: SourceLocation = #_sourceLocation) {
            let found = faults(isComplete: isComplete)
            #expect(found.contains { $0.contains(fault) }, "\(found)", sourceLocation: sourceLocation)
        }
    }

    /// The scrape is one that is right, and is judged as if it had begun five seconds after its end.
    private func withScrape(
        _ mode: CollectionMode = .scrape, _ bulk: BulkMode = .never,
        _ body: @escaping @Sendable (inout Scrape) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { folder in
            try await SimulatedTime.run { time in
                let account = try ChaosAccount(seed: 1, time: time, folder: folder, mode: mode, bulk: bulk)
                var judge = ChaosJudge()
                for _ in 0..<3 {
                    try await time.sleep(for: .seconds(31))
                    let start = Scrape.beginning(account)
                    let snapshot = await account.engine.snapshot(within: .seconds(55))
                    let bodies = [snapshot.body(in: .text).bytes, snapshot.body(in: .openMetrics).bytes]
                    #expect(judge.faults(in: bodies[0], bodies[1], account, since: start, isComplete: false) == [])
                }
                let snapshot = await account.engine.snapshot(within: .seconds(55))
                try await time.sleep(for: .seconds(5))
                var scrape = Scrape(snapshot, account, judge)
                #expect(scrape.faults() == [])
                #expect(scrape.faults(isComplete: true) == [])
                try await body(&scrape)
                try await account.stop()
            }
        }
    }

    private static let families: [(String, String?)] = [
        ("flashback_bucket_info", nil), ("flashback_bucket_requests_total", nil), ("flashback_bucket_available", nil),
        ("flashback_bucket_node_status", nil), ("flashback_bucket_node_daily_uptime_ratio", "today"),
        ("flashback_bucket_node_daily_uptime_ratio", "yesterday"),
    ]

    private static func labels(_ day: String?) -> [String: String] { day.map { ["day": $0] } ?? [:] }

    @Test(arguments: [BulkMode.never, .auto]) func oldAndMissingBucketsAreFound(bulk: BulkMode) async throws {
        try await withScrape(.scrape, bulk) { scrape in
            for (family, day) in Self.families {
                let id = try scrape.bucket(in: family, day)
                var lacking = scrape
                lacking.change { Scrape.isSample($0, of: family, day) && $0.contains(id) ? nil : $0 }
                lacking.expect("\(family) of \(id) \(Self.labels(day)) is missing")
            }
            try await scrape.account.time.sleep(for: .seconds(8000))
            scrape.start = Scrape.beginning(scrape.account)
            for (family, day) in Self.families {
                scrape.expect("\(family) of \(try scrape.bucket(in: family, day)) \(Self.labels(day)) is too old")
            }
        }
    }

    @Test func bucketsThatAreNotListedAreFound() async throws {
        try await withScrape { scrape in
            let id = try scrape.bucket(in: "flashback_bucket_info")
            scrape.change { $0.replacing(id, with: "former") }
            scrape.expect("buckets that are not listed: [\"former\"]")
        }
    }

    @Test func seriesThatComeTwiceOrInOneFormatAreFound() async throws {
        try await withScrape { scrape in
            let (once, twice) = ("\nflashback_up 1\n", "\nflashback_up 1\nflashback_up 1\n")
            scrape.replacing(once, with: twice, in: \.text).expect("not readable: line")
            scrape.replacing(once, with: twice, in: \.openMetrics).expect("a series comes twice in OpenMetrics")
            let id = try scrape.bucket(in: "flashback_bucket_info")
            scrape.openMetrics =
                scrape.openMetrics.split(separator: "\n")
                .filter { !($0.hasPrefix("flashback_bucket_info{") && $0.contains(id)) }.joined(separator: "\n") + "\n"
            scrape.expect("the formats have different series")
        }
    }

    @Test func fallenCountersAreFound() async throws {
        try await withScrape { scrape in
            scrape.change { $0.replacing(/^(flashback_api_requests_total\{.*\}) [1-9].*$/) { "\($0.1) 0" } }
            scrape.expect(" fell from ")
        }
    }

    @Test func upThatIsMissingOrNoTruthValueIsFound() async throws {
        try await withScrape { scrape in
            var faulty = scrape
            let starts = ["", "# HELP ", "# TYPE "].map { "\($0)flashback_up " }
            faulty.change { line in starts.contains { line.hasPrefix($0) } ? nil : line }
            for isComplete in [false, true] { faulty.expect("flashback_up is missing", isComplete: isComplete) }
            for value in ["2", "NaN", "-1"] {
                faulty = scrape
                faulty.set("flashback_up", to: value)
                for isComplete in [false, true] {
                    faulty.expect("flashback_up is \(try #require(Double(value)))", isComplete: isComplete)
                }
            }
        }
    }

    @Test func upThatContradictsTheListsIsFound() async throws {
        try await withScrape { scrape in
            var down = scrape
            down.set("flashback_up", to: "0")
            down.expect("flashback_up is 0 although the latest list succeeded")
            down.expect("flashback_up is 0 although nothing is wrong", isComplete: true)
            let uptime = scrape.account.time.uptime
            scrape.account.witness.change { $0.listsFailSince = uptime - .seconds(40) }
            scrape.start = Scrape.beginning(scrape.account)
            scrape.expect("flashback_up is 1 although lists have failed for 40.0 seconds")
        }
    }

    @Test func anotherDayIsFound() async throws {
        try await withScrape { scrape in
            scrape.change { $0.replacing(/^(flashback_daily_stats_day_timestamp_seconds\{day="today"\}) .*/) { "\($0.1) 86400" } }
            scrape.expect("today begins at 86400.0")
        }
    }

    @Test func secretsAreFoundInBothFormatsAndTheLog() async throws {
        try await withScrape { scrape in
            let token = try #require(scrape.account.witness.known.secrets.first { $0.count >= 43 })
            // A part of the token, as in a text that was cut.
            for secret in [String(token.dropLast(20)), ChaosAccount.canary] {
                for body in [\Scrape.text, \.openMetrics] {
                    scrape.replacing("# HELP flashback_up ", with: "# HELP flashback_up \(secret)", in: body)
                        .expect("a secret is told")
                }
            }
            scrape.account.log.logger.debug("refused", metadata: ["err": "\(token.dropLast(20))"])
            scrape.expect("a secret is told")
        }
    }

    @Test func rightScrapesInTheBackgroundHold() async throws {
        try await withScrape(.background, .auto) { scrape in
            #expect(scrape.judge.judged["upIsThere"] == 3)
            #expect(scrape.judge.unjudged(scrape.account).contains("upWhenAllIsRight"))
        }
    }
}

import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

@Suite struct SettledTotalsTests {
    private static let requests = "flashback_bucket_requests_total"
    private static let uploads = "flashback_bucket_upload_bytes_total"
    private static let regressions = "flashback_bucket_totals_regressions_total"

    /// The API's total at each reading, the exported total and the number of regressions; nil for no total.
    @Test(
        arguments: [
            // A lagging replica, once.
            ([1000, 990, 1010], [1000, 1000, 1010], [0, 1, 1]),
            // Twice.
            ([1000, 990, 995, 1000, 1001], [1000, 1000, 1000, 1000, 1001], [0, 1, 2, 2, 2]),
            // A real reset.
            ([1000, 5, 6, 7, 8], [1000, 1000, 1000, 7, 8], [0, 1, 2, 2, 2]),
            // Lower readings that are not consecutive.
            ([1000, 990, 990, 1000, 990, 990, 1000], [1000, 1000, 1000, 1000, 1000, 1000, 1000], [0, 1, 2, 2, 3, 4, 4]),
            // A missing row counts as no traffic.
            ([1000, nil, nil, 1000], [1000, 1000, 1000, 1000], [0, 1, 2, 2]),
            ([1000, nil, nil, nil, nil, 3], [1000, 1000, 1000, 0, 0, 3], [0, 1, 2, 2, 2, 2]),
            ([nil, 7], [0, 7], [0, 0]),
            ([nil, nil, nil, nil], [0, 0, 0, 0], [0, 0, 0, 0]),
        ] as [([Int64?], [Double], [Double])])
    func lowerTotalsAreHeldForThreeReadings(_ said: [Int64?], _ exported: [Double], _ counted: [Double]) async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(time: time)
            account.simulation.configuration.dialect.omitsIdleBuckets = true
            let engine = account.engine { $0.collectors = ["totals"] }
            let bucket = try #require(account.simulation.buckets.first)
            for (index, count) in said.enumerated() {
                account.simulation.setTotals(SimulatedTotals(count: count ?? 0), ofBucket: bucket.id)
                let page = try await engine.scrape()
                #expect(page.value(Self.requests, ["bucket_id": bucket.id]) == exported[index], "reading \(index)")
                #expect(page.value(Self.regressions, ["bucket_id": bucket.id]) == counted[index], "reading \(index)")
                try await time.sleep(for: .seconds(30))
            }
        }
    }

    @Test func malformedTotalOmitsItsSeriesAndKeepsTheHeldValue() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(time: time)
            let engine = account.engine { $0.collectors = ["totals"] }
            let bucket = try #require(account.simulation.buckets.first)
            func read(_ totals: SimulatedTotals) async throws -> ParsedExposition {
                account.simulation.setTotals(totals, ofBucket: bucket.id)
                defer { account.simulation.faults.removeAll() }
                let page = try await engine.scrape()
                try await time.sleep(for: .seconds(30))
                return page
            }
            let label = ["bucket_id": bucket.id]
            _ = try await read(SimulatedTotals(count: 1000, uploadBytes: 50))
            account.simulation.faults.add(.wrongTypes(fields: ["totalCount"]), to: .bucketTotals)
            let broken = try await read(SimulatedTotals(count: 1000, uploadBytes: 60))
            #expect(broken.value(Self.requests, label) == nil)
            #expect(broken.value(Self.uploads, label) == 60)
            #expect(try #require(broken.value("flashback_exporter_dropped_rows_total", ["reason": "malformed_field"])) > 0)
            let lagging = try await read(SimulatedTotals(count: 990, uploadBytes: 70))
            #expect(lagging.value(Self.requests, label) == 1000)
            #expect(lagging.value(Self.regressions, label) == 1)
        }
    }

    @Test func failedReadingNeitherResetsNorCounts() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(time: time)
            let engine = account.engine { $0.collectors = ["totals"] }
            let bucket = try #require(account.simulation.buckets.first)
            let label = ["bucket_id": bucket.id]
            for (count, fails) in [(1000, false), (10, false), (10, true), (10, false), (10, true)] as [(Int64, Bool)] {
                account.simulation.setTotals(SimulatedTotals(count: count), ofBucket: bucket.id)
                if fails { account.simulation.faults.add(.status(500), to: .bucketTotals) }
                let page = try await engine.scrape()
                #expect(page.value(Self.requests, label) == 1000)
                account.simulation.faults.removeAll()
                try await time.sleep(for: .seconds(30))
            }
            #expect(try await engine.scrape().value(Self.requests, label) == 10)
        }
    }

    @Test func duplicateRowIsExportedOnceAndCounted() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(time: time)
            let engine = account.engine { $0.collectors = ["totals"] }
            let bucket = try #require(account.simulation.buckets.first)
            account.simulation.setTotals(SimulatedTotals(count: 42), ofBucket: bucket.id)
            account.simulation.setExtraRows(2, ofBucket: bucket.id)
            let page = try await engine.scrape()
            #expect(page.value(Self.requests, ["bucket_id": bucket.id]) == 42)
            // Two from the totals, and two from the list, which is read for the buckets' names although its collector is disabled.
            #expect(page.value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]) == 4)
        }
    }

    @Test func totalsAreHeldIndependentlyAndSizeChangesMayFall() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(time: time)
            let engine = account.engine { $0.collectors = ["totals"] }
            let bucket = try #require(account.simulation.buckets.first)
            let label = ["bucket_id": bucket.id]
            account.simulation.setTotals(
                SimulatedTotals(count: 10, uploadBytes: 9_007_199_254_740_993, downloadBytes: 30, sizeChange: 40),
                ofBucket: bucket.id)
            _ = try await engine.scrape()
            try await time.sleep(for: .seconds(30))
            account.simulation.setTotals(
                SimulatedTotals(count: 11, uploadBytes: 9_007_199_254_740_992, downloadBytes: 31, sizeChange: -40),
                ofBucket: bucket.id)
            let page = try await engine.scrape()
            #expect(page.value(Self.requests, label) == 11)
            #expect(page.samples(Self.uploads, label).map(\.text) == ["9007199254740993"])
            #expect(page.value("flashback_bucket_download_bytes_total", label) == 31)
            #expect(page.value("flashback_bucket_size_change_bytes", label) == -40)
            #expect(page.value(Self.regressions, label) == 1)
        }
    }

    @Test(arguments: [(9, 20, 30), (10, 19, 30), (10, 20, 29)] as [(Int64, Int64, Int64)])
    func eachHeldTotalIsCounted(_ count: Int64, _ upload: Int64, _ download: Int64) async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(time: time)
            let engine = account.engine { $0.collectors = ["totals"] }
            let bucket = try #require(account.simulation.buckets.first)
            account.simulation.setTotals(
                SimulatedTotals(count: 10, uploadBytes: 20, downloadBytes: 30), ofBucket: bucket.id)
            _ = try await engine.scrape()
            try await time.sleep(for: .seconds(30))
            account.simulation.setTotals(
                SimulatedTotals(count: count, uploadBytes: upload, downloadBytes: download), ofBucket: bucket.id)
            let page = try await engine.scrape()
            #expect(page.value(Self.regressions, ["bucket_id": bucket.id]) == 1)
        }
    }
}

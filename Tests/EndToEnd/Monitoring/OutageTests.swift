import FlashbackSimulator
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct OutageTests {
    private static let lifetime = 1.0
    /// Longer than a machine stalls: at least one scrape must arrive within it.
    private static let maxStale = 12.0

    @Test func bucketSeriesEndAndCountersDoNotJump() async throws {
        let simulation = FlashbackSimulation.small()
        let bucket = simulation.buckets[0].id
        @Sendable func setRequests(_ count: Int64) {
            simulation.setTotals(SimulatedTotals(count: count, uploadBytes: 0, downloadBytes: 0, sizeChange: 0), ofBucket: bucket)
        }
        setRequests(1000)
        try await FlashbackSimulator.serving(simulation) { simulator in
            let lifetimes = ["--cache.ttl", "\(Int(Self.lifetime))s", "--cache.max-stale", "\(Int(Self.maxStale))s"]
            try await RunningExporter.running(simulator.url, lifetimes) { exporter in
                try await RunningPrometheus.scraping(exporter.addresses) { prometheus in
                    let total = "flashback_bucket_requests_total{bucket_id=\"\(bucket)\"}"
                    try await prometheus.query(total) { $0.map(\.value) == [1000] }

                    simulation.setOutage(.unavailable)
                    let outage = Date().timeIntervalSince1970
                    try await prometheus.expect("flashback_up", 0)
                    // Prometheus records that a series has ended when a scrape lacks it, but also when a scrape fails, as on a stalling
                    // machine. Only the former counts here.
                    try await prometheus.query(
                        "up == 1 and on () flashback_up == 0 unless on () count({bucket_id!=\"\"})"
                    ) { $0.count == 1 }
                    let served = try await prometheus.query("count_over_time((\(total) and on () flashback_up == 0)[30m:1s])")
                    #expect(served.first?.value ?? 0 > 0, "the latest data was not served while the API was down")
                    // The latest data was requested before the outage. It is served for its lifetime plus the stale time, and in the last
                    // snapshot that contains it until the next one is due.
                    let latest = try await prometheus.query("max_over_time(timestamp(\(total))[30m:1s])")
                    let seconds = try #require(latest.first).value - outage
                    #expect(seconds < Self.lifetime + Self.maxStale + Self.lifetime + 0.5)

                    setRequests(1060)
                    simulation.setOutage(nil)
                    try await prometheus.expect("flashback_up", 1)
                    try await prometheus.expect(total, 1060)
                    try await prometheus.expect("resets(\(total)[30m])", 0)
                    try await prometheus.expect("max_over_time(\(total)[30m]) - min_over_time(\(total)[30m])", 60)
                    // increase() returns the 60 requests, extrapolated to the window by at most about one sampling interval at each end,
                    // and never more than the counter could have grown from zero.
                    try await prometheus.query("increase(\(total)[30m])") { (60..<120).contains($0.first?.value ?? 0) }
                    try await prometheus.expect("min(flashback_bucket_totals_regressions_total)", 0)
                }
            }
        }
    }
}

import FlashbackSimulator
import Foundation
import Testing

@Suite("An API that is taken away and given back, as Prometheus sees it", .timeLimit(.minutes(2)))
struct OutageTests {
    private static let lifetime = 1.0
    private static let maxStale = 6.0

    @Test("flashback_up tells, the buckets' series end when they should, and no counter jumps")
    func outage() async throws {
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
                    try await prometheus.query("flashback_up") { $0.map(\.value) == [0] }
                    // Prometheus notes that a series has ended when a scrape comes without it.
                    try await prometheus.query("count({bucket_id!=\"\"})") { $0.isEmpty }
                    #expect(try await prometheus.query("up").map(\.value) == [1])
                    #expect(try await prometheus.query("flashback_up").map(\.value) == [0])
                    let served = try await secondsServed(total, after: "flashback_up == 1", prometheus)
                    // What was read last is served for its lifetime and the stale time, give or take a scrape and a retry at each end.
                    let expected = Self.maxStale - 2...Self.lifetime + Self.maxStale + 2
                    #expect(expected.contains(served), "\(served) s")

                    setRequests(1060)
                    simulation.setOutage(nil)
                    try await prometheus.query("flashback_up") { $0.map(\.value) == [1] }
                    try await prometheus.query(total) { $0.map(\.value) == [1060] }
                    func value(_ expression: String) async throws -> Double? {
                        try await prometheus.query(expression).first?.value
                    }
                    #expect(try await value("resets(\(total)[5m])") == 0)
                    #expect(try await value("max_over_time(\(total)[5m]) - min_over_time(\(total)[5m])") == 60)
                    // What increase() makes of it is the 60 requests, extrapolated to the window by at most half a sample's
                    // distance and never more than the counter could have grown from zero.
                    let increase = try #require(try await value("increase(\(total)[5m])"))
                    #expect(increase >= 60 && increase < 120)
                    #expect(try await value("min(flashback_bucket_totals_regressions_total)") == 0)
                }
            }
        }
    }

    /// How long a series went on after the latest sample for which a condition held.
    private func secondsServed(
        _ series: String, after condition: String, _ prometheus: RunningPrometheus
    ) async throws -> Double {
        let latest = try await prometheus.query("max(max_over_time(timestamp(\(series))[5m:1s]))")
        let start = try await prometheus.query("max(max_over_time(timestamp(\(condition))[5m:1s]))")
        return try #require(latest.first).value - (try #require(start.first).value)
    }
}

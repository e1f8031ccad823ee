import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct RefreshTests {
    @Test func readyAfterTheFirstRefreshAndHealthyBefore() async throws {
        let clock = ManualClock()
        let simulation = FlashbackSimulation.small(clock: clock) { $0.latency = .seconds(1) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                await clock.waitForSleepers()
                #expect(try await exporter.send("GET", "/-/ready").status == 503)
                #expect(try await exporter.send("GET", "/-/healthy").status == 200)

                simulation.configuration.latency = .zero
                clock.advance(by: .seconds(1))
                let metrics = try await exporter.scrape()
                #expect(metrics.value("flashback_up") == 1)
                #expect(try await exporter.send("GET", "/-/ready").status == 200)
            }
        }
    }

    @Test func scrapeIsAnsweredBeforeItsTimeoutWhenTheAPIHangs() async throws {
        let simulation = FlashbackSimulation.small()
        simulation.faults.add(.hang)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--scrape.timeout-offset", "119s"]) { exporter in
                let clock = ContinuousClock()
                let start = clock.now
                let metrics = try await exporter.scrape(fields: ["X-Prometheus-Scrape-Timeout-Seconds": "120"])
                // It responds after a second; the limit gives a stalling machine two minutes.
                #expect(start.duration(to: clock.now) < .seconds(120))
                // Nothing is known about the API yet.
                #expect(metrics.series("flashback_up").isEmpty)
                #expect(metrics.value("flashback_exporter_build_info") == 1)
                #expect(metrics.series("flashback_bucket_info").isEmpty)
                #expect(try await exporter.send("GET", "/-/ready").status == 503)
            }
        }
    }

    @Test func observationIsReusedWithinItsLifetime() async throws {
        let simulation = FlashbackSimulation.small()
        let bucket = simulation.buckets[0].id
        @Sendable func setTotals(_ upload: Int64) { simulation.setTotals(SimulatedTotals(uploadBytes: upload), ofBucket: bucket) }
        // Set before the exporter starts: its first refresh may read the totals before its first scrape arrives, and the simulation's own
        // totals are larger than all of these, so these would count as falling totals.
        setTotals(1000)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "1h", "--collector.ttl", "totals=0s"]) { exporter in
                for upload: Int64 in [1000, 2000, 3000] {
                    setTotals(upload)
                    let metrics = try await exporter.scrape()
                    #expect(metrics.value("flashback_up") == 1)
                    #expect(metrics.value("flashback_bucket_upload_bytes_total", ["bucket_id": bucket]) == Double(upload))
                }
                #expect(simulation.requests.count(.listBuckets) == 1)
                #expect(simulation.requests.count(.availableBuckets) == 1)
                #expect(simulation.requests.count(.bucketStatus) == 3)
                #expect(simulation.requests.count(.dailyStats) == 6)
                #expect((3...4).contains(simulation.requests.count(.bucketTotals)))
            }
        }
    }

    @Test func lifetimeOfZeroRequestsAtEveryScrape() async throws {
        let simulation = FlashbackSimulation.small()
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "0s"]) { exporter in
                _ = try await exporter.scrape()
                simulation.requests.reset()
                for _ in 1...3 { _ = try await exporter.scrape() }
                for endpoint in [SimulatedEndpoint.listBuckets, .availableBuckets, .bucketTotals] {
                    #expect(simulation.requests.count(endpoint) == 3, "\(endpoint)")
                }
                #expect(simulation.requests.count(.bucketStatus) == 9)
                // Today and yesterday.
                #expect(simulation.requests.count(.dailyStats) == 18)
            }
        }
    }

    @Test func fiftySimultaneousScrapesShareOneRefresh() async throws {
        let clock = ManualClock()
        let simulation = FlashbackSimulation.small(clock: clock) { $0.latency = .seconds(1) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "0s", "--web.max-requests", "0"]) { exporter in
                // The list is the first request.
                await clock.waitForSleepers(1)
                let scrapes = try (1...50).map { _ in try HeldRequest(exporter.addresses[0], "/metrics") }
                try await eventually("all scrapes were read") { try scrapes.allSatisfy { try $0.wasRead() } }
                // Requests are passed on in order: once this one is answered, the handlers of the others have started.
                _ = try await exporter.send("GET", "/-/healthy")
                simulation.configuration.latency = .zero
                clock.advance(by: .seconds(1))
                for scrape in scrapes {
                    let metrics = try Metrics(try await scrape.answer().text)
                    #expect(metrics.value("flashback_up") == 1)
                    #expect(metrics.series("flashback_bucket_info").count == 3)
                }
                // Scrapes that a stalling machine delays cause one or two more requests. Without sharing, there would be fifty requests for
                // the list.
                let lists = simulation.requests.count(.listBuckets)
                #expect((1...10).contains(lists))
                #expect((1...10).contains(simulation.requests.count(.bucketTotals)))
                #expect((3...30).contains(simulation.requests.count(.bucketStatus)))
            }
        }
    }

    @Test func replacedTokenFileIsUsedByTheNextRefresh() async throws {
        let simulation = FlashbackSimulation.small()
        let directory = try TemporaryDirectory()
        let file = try directory.write("\(RunningExporter.token)\n", to: "token")
        try await FlashbackSimulator.serving(simulation) { simulator in
            let arguments = ["--cache.ttl", "0s", "--cache.max-stale", "0s", "--flashback.token-file", file]
            try await RunningExporter.running(simulator.url, arguments, token: "overruled-by-the-file") { exporter in
                #expect(try await exporter.scrape().value("flashback_up") == 1)

                simulation.configuration.staticToken = "second-token"
                let refused = try await exporter.scrape()
                #expect(refused.value("flashback_up") == 0)
                // Each endpoint may have been requested before the first refusal was known, and again as a trial of the token.
                let refusals = refused.values("flashback_api_requests_total", ["code": "401"])
                #expect((1...20).contains(refusals.reduce(0, +)))

                try directory.write("second-token", to: "token")
                #expect(try await exporter.scrape().value("flashback_up") == 1)
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test func nextRefreshShowsCreatedRenamedAndDeletedBuckets() async throws {
        let simulation = FlashbackSimulation.small()
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "0s"]) { exporter in
                let before = try await exporter.scrape()
                let id = simulation.createBucket(name: "first name")
                let created = try await exporter.scrape()
                #expect(before.series("flashback_bucket_info", ["bucket_id": id]).isEmpty)
                #expect(created.value("flashback_bucket_info", ["bucket_id": id, "bucket_name": "first name"]) == 1)
                #expect(created.series("flashback_bucket_node_latency_seconds", ["bucket_id": id]).count == 3)

                simulation.renameBucket(id, to: "second name")
                let renamed = try await exporter.scrape()
                #expect(!renamed.labelValues("bucket_name").contains("first name"))
                #expect(renamed.value("flashback_bucket_info", ["bucket_id": id, "bucket_name": "second name"]) == 1)

                simulation.deleteBucket(id)
                let deleted = try await exporter.scrape()
                #expect(!deleted.labelValues("bucket_id").contains(id))
                #expect(deleted.labelValues("bucket_id") == before.labelValues("bucket_id"))
            }
        }
    }
}

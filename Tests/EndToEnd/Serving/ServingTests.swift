import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct ServingTests {
    @Test func everyPathHasItsAnswerAndOthersAreNotFound() async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let metrics = try await exporter.send("GET", "/metrics")
                #expect(metrics.status == 200)
                #expect(metrics.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                #expect(try Metrics(metrics.text).value("flashback_up") == 1)

                let head = try await exporter.send("HEAD", "/metrics")
                #expect(head.status == 200)
                #expect(head.body.isEmpty)
                #expect(Int(head.fields["content-length"] ?? "") ?? 0 > 1000)

                let landing = try await exporter.send("GET", "/")
                #expect(landing.status == 200)
                #expect(landing.fields["content-type"] == "text/html; charset=utf-8")
                #expect(landing.text.contains("<a href=\"/metrics\">"))

                #expect(try await exporter.send("GET", "/-/healthy").status == 200)
                #expect(try await exporter.send("GET", "/-/ready").status == 200)
                #expect(try await exporter.send("GET", "/metrics/").status == 404)
                #expect(try await exporter.send("GET", "/nowhere").status == 404)
                for path in ["/metrics", "/", "/-/healthy", "/-/ready"] {
                    let answer = try await exporter.send("POST", path)
                    #expect(answer.status == 405, "\(path)")
                    #expect(answer.fields["allow"] == "GET, HEAD", "\(path)")
                }
            }
        }
    }

    @Test func plaintextHTTP2OfferIsAnsweredInHTTP1() async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let once = ["--silent", "--noproxy", "*", "--max-time", "60", "--http2", "--output", "/dev/null"]
                let write = ["--write-out", "%{http_code} %{http_version} %{num_connects}\\n"]
                let finished = try await RunningProcess.finished(
                    try Program.curl(),
                    ["-q"] + once + write + [exporter.url(), "--next"] + once + write + [exporter.url("/-/healthy")])
                // The second request reuses the connection.
                #expect(finished.outputText == "200 1.1 1\n200 1.1 0\n")
            }
        }
    }

    @Test func listensOnEveryGivenAddress() async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningExporter.running(simulator.url, listeners: 2) { exporter in
                #expect(Set(exporter.addresses).count == 2)
                for address in exporter.addresses {
                    let answer = try await HTTP.send("GET", "http://\(address)/metrics")
                    #expect(try Metrics(answer.text).value("flashback_up") == 1)
                }
            }
        }
    }

    @Test func longestIdleConnectionClosesAtTheLimit() async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningExporter.running(simulator.url, ["--web.max-connections", "2"]) { exporter in
                let port = try #require(exporter.addresses[0].split(separator: ":").last.flatMap { Int($0) })
                let silent = try (0..<2).map { _ in try SilentClient(port: port) }
                #expect(try await exporter.send("GET", "/-/healthy").status == 200)
                try await eventually("the end of an idle connection") { silent.contains { $0.isEnded } }
            }
        }
    }

    @Test func metricsMoveToTheTelemetryPath() async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningExporter.running(simulator.url, ["--web.telemetry-path", "/flashback/metrics"]) { exporter in
                let metrics = try await exporter.scrape("/flashback/metrics")
                #expect(metrics.value("flashback_up") == 1)
                #expect(try await exporter.send("GET", "/metrics").status == 404)
                #expect(try await exporter.send("GET", "/").text.contains("<a href=\"/flashback/metrics\">"))
            }
        }
    }

    @Test(
        arguments: [
            ("buckets", "flashback_bucket_info", nil),
            ("available", "flashback_bucket_available", SimulatedEndpoint.availableBuckets),
            ("totals", "flashback_bucket_upload_bytes_total", .bucketTotals),
            ("status", "flashback_bucket_node_status", .bucketStatus),
            ("daily", "flashback_bucket_node_daily_uptime_ratio", .dailyStats),
            ("yesterday", "flashback_bucket_node_daily_uptime_ratio", .dailyStats),
        ] as [(String, String, SimulatedEndpoint?)])
    func disabledCollectorHasNoFamiliesAndSendsNoRequests(name: String, family: String, endpoint: SimulatedEndpoint?) async throws
    {
        let simulation = FlashbackSimulation.small()
        try await FlashbackSimulator.serving(simulation) { simulator in
            // These two collectors share their families and their endpoint.
            let twins = ["daily": "yesterday", "yesterday": "daily"]
            let withoutTwin = twins[name].map { ["--no-collector.\($0)"] } ?? []
            let all = try await RunningExporter.running(simulator.url, withoutTwin) { try await $0.scrape() }
            simulation.requests.reset()
            let fewer = try await RunningExporter.running(simulator.url, withoutTwin + ["--no-collector.\(name)"]) {
                try await $0.scrape()
            }
            #expect(all.families.contains(family))
            #expect(!fewer.families.contains(family))
            #expect(fewer.series("flashback_collector_success", ["collector": name]).isEmpty)
            #expect(fewer.value("flashback_up") == 1)
            // The others stay: only this collector's own families are missing.
            #expect(Set(fewer.families).isSubset(of: all.families))
            #expect(fewer.series("flashback_collector_success").count == all.series("flashback_collector_success").count - 1)
            if let endpoint { #expect(!simulation.requests.all.contains { $0.endpoint == endpoint }) }
        }
    }

    @Test func jsonLogLinesAreValidJSON() async throws {
        let simulation = FlashbackSimulation.small()
        let words = "{\"message\":\"a \\\"quoted\\\" word\\u0007,\\na second line, a \\\\ and 🪣\"}"
        simulation.faults.add(.body(Array(words.utf8), status: 500), to: .bucketStatus)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--log.format", "json", "--log.level", "debug"]) { exporter in
                _ = try await exporter.scrape()
                exporter.process.send(SIGTERM)
                #expect(try await exporter.process.end() == .status(0))
                let lines = exporter.process.text(of: .error).split(separator: "\n")
                #expect(lines.count { $0.contains("a \\\"quoted\\\" word") } >= 1)
                for line in lines {
                    let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
                    #expect(Set(["ts", "level", "msg"]).isSubset(of: object.keys), "\(line)")
                }
            }
        }
    }
}

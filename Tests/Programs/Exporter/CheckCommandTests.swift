import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite struct CheckCommandTests {
    @Test func reportsSuccessAndCost() async throws {
        let simulation = FlashbackSimulation()
        let process = try await ExporterProcess.run(["check"], against: simulation)
        #expect(process.status == 0)
        #expect(process.lines.first?.hasPrefix("configuration: good, API http://127.0.0.1:") == true)
        #expect(
            process.lines.dropFirst().prefix(10) == [
                "token: good, expires in 59 min, not renewed by the exporter",
                "API: good, 20 buckets",
                "collector buckets: good (1 request every 30s)",
                "collector available: good (1 request every 5m)",
                "collector totals: good (1 request every 30s)",
                "collector quota: good (1 request every 5m)",
                "collector status: good (20 requests every 30s)",
                "collector daily: good (20 requests every 5m)",
                "collector yesterday: good (20 requests every 1h)",
                "total: at most 0.81 requests a second",
            ])
        #expect(simulation.requests.received == 4 + 3 * 5, "it requests more buckets than it needs")
    }

    @Test func showsTheCostOfAScrapeAndWhatWouldSave() async throws {
        var configuration = SimulatorConfiguration()
        configuration.buckets = 4
        let process = try await ExporterProcess.run(["check"], against: FlashbackSimulation(configuration))
        let start = try #require(process.lines.firstIndex { $0.hasPrefix("scrape: ") })
        let page = try ParsedExposition(
            Array(try await ExporterProcess.run(["collect"], against: FlashbackSimulation(configuration)).output.utf8))
        let rows = process.lines[(start + 2)...].map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        let table = Dictionary(
            uniqueKeysWithValues: rows.map { ($0.dropLast(3).joined(separator: " "), Int($0[$0.count - 3]) ?? 0) })
        // All four buckets were read, so nothing is estimated.
        #expect(!process.lines[start].contains("estimated"))
        for family in page.families where !family.name.hasPrefix("flashback_api_") {
            #expect(table[family.name] == family.samples.count, "\(family.name)")
        }
        let total = try #require(table["total"])
        #expect(process.lines[start].hasPrefix("scrape: \(total) series, "))
        let sizes = rows.map { Int($0[$0.count - 2]) ?? 0 }
        let end = try #require(rows.firstIndex { $0.first == "total" })
        #expect(
            sizes[..<end] == sizes[..<end].sorted(by: >)[...] && sizes[(end + 1)...] == sizes[(end + 1)...].sorted(by: >)[...])
        #expect(table["saved by --metrics.states=current"] == 3 * (4 + 4 * 3))
        #expect(table["saved by --no-collector.available"] == 4 + 5)
        let least = try #require(table["saved by both of these"])
        #expect(total - least < total / 2)
        #expect(least > table["saved by the metrics for reachability only", default: 0])
    }

    @Test func costOfManyBucketsIsEstimatedFromAFew() async throws {
        let process = try await ExporterProcess.run(["check", "--metrics.exclude=.*_daily_.*"], against: FlashbackSimulation())
        let heading = try #require(process.lines.first { $0.hasPrefix("scrape: ") })
        #expect(heading.hasSuffix("; estimated from 5 of 20 buckets"))
        #expect(process.lines.contains { $0.hasPrefix("flashback_bucket_node_info ") && $0.contains(" 60 ") })
        #expect(process.lines.contains("collector daily: off, none of its metrics is exported"))
        #expect(!process.lines.contains { $0.hasPrefix("flashback_bucket_node_daily_uptime_ratio") })
    }

    @Test func namesCollectorsThatAreOffBecauseOfTheMetrics() async throws {
        let process = try await ExporterProcess.run(
            ["check", "--metrics.include=flashback_bucket_requests_total"], against: FlashbackSimulation())
        #expect(process.status == 0)
        #expect(process.lines.contains("collector daily: off, none of its metrics is exported"))
        #expect(process.lines.contains("collector totals: good (1 request every 30s)"))
    }

    @Test(arguments: ["always", "auto"])
    func checkEstimatesBulkRequestsOrSingleOnesWhereRefused(_ mode: String) async throws {
        var configuration = SimulatorConfiguration()
        configuration.buckets = 450
        let simulation = FlashbackSimulation(configuration)
        let process = try await ExporterProcess.run(["check", "--flashback.bulk", mode], against: simulation)
        #expect(process.status == 0)
        for line in ["status: good (3 requests every 30s)", "daily: good (3 requests every 5m)"] {
            #expect(process.lines.contains("collector \(line)"))
        }
        #expect(simulation.requests.count(.bucketStatus) == 0)
        simulation.faults.add(.status(404), to: .latestNodeStatistics)
        let refused = try await ExporterProcess.run(["check", "--flashback.bulk", mode], against: simulation)
        #expect(refused.status == (mode == "auto" ? 0 : 1))
        #expect(refused.lines.contains("collector status: good (450 requests every 30s)") == (mode == "auto"))
    }

    @Test func reportsCollectorsThatCannotKeepUp() async throws {
        let process = try await ExporterProcess.run(
            ["check", "--cache.ttl", "5s", "--flashback.max-requests-per-second", "4"], against: FlashbackSimulation())
        #expect(process.status == 0)
        let line = try #require(process.lines.first { $0.hasPrefix("collector status: at this rate") })
        // 12.6 requests a second are needed, 4 are allowed.
        #expect(line.hasPrefix("collector status: at this rate a cycle over all buckets takes about 16s, more than twice"))
        #expect(line.hasSuffix("raise --flashback.concurrency or --collector.ttl=status=DURATION, or use shards"))
    }

    @Test func reportsARefusedTokenWithoutShowingIt() async throws {
        let process = try await ExporterProcess.run(["check"], against: FlashbackSimulation(), token: "canary-token")
        #expect(process.status == 1)
        #expect(
            process.lines.last
                == "API: failed: GET /bucket: HTTP 401: the access token was refused; provide one that has not expired (the API says: Unauthorized)"
        )
        #expect(process.lines.count == 2)
        #expect(!process.output.contains("canary") && !process.errors.contains("canary"))
    }

    @Test func reportsAFailingCollectorAndContinuesWithTheOthers() async throws {
        let simulation = FlashbackSimulation()
        simulation.faults.add(.status(403), to: .bucketTotals)
        let process = try await ExporterProcess.run(["check", "--no-collector.yesterday"], against: simulation)
        #expect(process.status == 1)
        let line = try #require(process.lines.first { $0.hasPrefix("collector totals: ") })
        #expect(line.hasPrefix("collector totals: failed: GET /bucket/stats: HTTP 403: "))
        #expect(line.contains("(the API says: Simulated failure 403)"))
        #expect(process.lines.contains("collector daily: good (20 requests every 5m)"))
        #expect(!process.output.contains("yesterday"))
    }

    @Test func usesTheConfiguredLifetimes() async throws {
        let process = try await ExporterProcess.run(
            ["check", "--cache.ttl", "1m", "--collector.ttl", "status=0s"], against: FlashbackSimulation())
        #expect(process.lines.contains("collector buckets: good (1 request every 1m)"))
        #expect(process.lines.contains("collector status: good (20 requests at every scrape)"))
        let total = process.lines.first { $0.hasPrefix("total: ") }
        #expect(total?.hasSuffix(", plus those at every scrape") == true)
    }

    @Test func reportsAnUnreachableAPIWithItsAddress() async throws {
        let process = try await RefusingPort.with { port in
            try await ExporterProcess.run(
                ["check", "--flashback.url", "http://127.0.0.1:\(port)"], environment: ["FLASHBACK_TOKEN": "token"])
        }
        #expect(process.status == 1)
        #expect(process.lines.last?.hasPrefix("API: failed: GET /bucket: cannot connect to 127.0.0.1:") == true)
    }

    @Test(arguments: [1e300, -1e300, 1e11, 4102444800, 1])
    func reportsAbsurdTokenExpiries(_ expiry: Double) async throws {
        let simulation = FlashbackSimulation()
        let claims = Data(#"{"exp": \#(expiry)}"#.utf8).base64EncodedString().replacing("=", with: "")
        simulation.configuration.staticToken = "e30.\(claims).e30"
        let process = try await ExporterProcess.run(["check"], against: simulation, token: simulation.configuration.staticToken)
        #expect(process.status == 0)
        let line = try #require(process.lines.first { $0.hasPrefix("token: ") })
        switch expiry {
        case 1: #expect(line.contains("expired") && line.contains("min ago by this machine's clock"))
        case 4_102_444_800, 1e11: #expect(line.contains("expires in"))
        default: #expect(line == "token: good, expiry unknown")
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func keepsTheOwnerOfTheRefreshTokenFileAsRoot() async throws {
        try await TemporaryDirectory.with { folder in
            let simulation = FlashbackSimulation()
            let issued = simulation.issueTokens()
            try folder.write(issued.refreshToken, to: "refresh-token")
            try folder.setMode(0o640, of: "refresh-token")
            #expect(chown(folder.path("refresh-token"), 12_345, 23_456) == 0)
            let process = try await ExporterProcess.run(
                ["check", "--flashback.refresh-token-file", folder.path("refresh-token")], against: simulation)
            #expect(process.status == 0)
            #expect(try folder.text(of: "refresh-token") != issued.refreshToken)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("refresh-token"))
            #expect(attributes[.ownerAccountID] as? Int == 12_345)
            #expect(attributes[.groupOwnerAccountID] as? Int == 23_456)
            #expect(attributes[.posixPermissions] as? Int == 0o640)
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func sendsNothingWhenTheRefreshTokenCouldNotBeStored() async throws {
        try await TemporaryDirectory.with { folder in
            let simulation = FlashbackSimulation()
            let token = simulation.issueTokens().refreshToken
            try folder.write(token, to: "refresh-token")
            #expect(chown(folder.path("refresh-token"), 12_345, 23_456) == 0)
            try folder.setMode(0o644, of: "refresh-token")
            let process = try await ExporterProcess.run(
                ["check", "--flashback.refresh-token-file", folder.path("refresh-token")], against: simulation,
                wrappedBy: ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"])
            #expect(process.status == 2)
            #expect(process.errors.contains("cannot keep its owner (user 12345, group 23456)"))
            #expect(process.errors.filter(\.isNewline).count == 1)
            #expect(simulation.requests.received == 0)
            #expect(try folder.text(of: "refresh-token") == token)
        }
    }

    @Test(
        arguments: ["check", "collect"],
        [SIGINT, SIGTERM, SIGHUP])
    func signalDuringARenewalEndsAfterTheTokenIsStored(_ command: String, by signal: Int32) async throws {
        try await TemporaryDirectory.with { folder in
            let clock = ManualClock()
            let simulation = FlashbackSimulation(SimulatorConfiguration(), now: { Date() }, clock: clock)
            let token = simulation.issueTokens().refreshToken
            try folder.write(token, to: "refresh-token")
            simulation.faults.add(.delay(.seconds(1)), to: .refresh, times: 1)
            let process = try await ExporterProcess.run(
                [command, "--flashback.refresh-token-file", folder.path("refresh-token")], against: simulation
            ) { process in
                await clock.waitForSleepers(1)
                kill(process, signal)
                clock.advance(by: .seconds(1))
            }
            #expect(process.status == 128 + signal)
            let kept = try folder.text(of: "refresh-token").trimmingCharacters(in: .newlines)
            #expect(kept != token)
            #expect(!process.output.contains("failed"))
            // The token is valid.
            let again = try await ExporterProcess.run(
                ["check", "--flashback.refresh-token-file", folder.path("refresh-token")], against: simulation)
            #expect(again.status == 0)
        }
    }

    @Test func reportsThatCredentialsRenewThemselves() async throws {
        try await TemporaryDirectory.with { folder in
            let simulation = FlashbackSimulation()
            let issued = simulation.issueTokens()
            try folder.write(issued.refreshToken, to: "refresh-token")
            let process = try await ExporterProcess.run(
                ["check", "--flashback.refresh-token-file", folder.path("refresh-token")], against: simulation)
            #expect(process.status == 0)
            #expect(process.lines.contains("token: good, expires in 59 min, renewed by the exporter"))
            #expect(!process.output.contains(issued.refreshToken) && !process.errors.contains(issued.refreshToken))
            #expect(try folder.text(of: "refresh-token") != issued.refreshToken, "the rotated token was not kept")
        }
    }
}

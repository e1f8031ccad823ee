import Basics
import ExporterWeb
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@testable import FlashbackExporter

@Suite(.timeLimit(.minutes(5)))
struct ProbeRoutesTests {
    private let time = ManualTime()

    /// Runs the exporter with probes and an account in which every node reaches every bucket.
    private func running(
        _ change: @escaping @Sendable (inout CollectionConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (RunningAccounts, FlashbackSimulation) async throws -> Void
    ) async throws {
        let simulation = FlashbackSimulation.account(time: time)
        for node in simulation.nodes { simulation.setStatus("ONLINE", ofNode: node.ip) }
        try await FlashbackSimulator.serving(simulation) { [time] simulator in
            var settings = try ExporterSettings.of(AccountSettings(nil, simulator, change))
            settings.probes = ProbeLimits()
            try await RunningAccounts.running(settings, time: time) { try await body($0, simulation) }
        }
    }

    @Test func pathsAreMissingWhileProbesAreDisabled() async throws {
        let simulation = FlashbackSimulation.account(time: time)
        try await FlashbackSimulator.serving(simulation) { [time] simulator in
            try await RunningAccounts.running(try .of(AccountSettings(nil, simulator)), time: time) { running in
                for path in ["/probe?target=\(simulation.buckets[0].id)", "/discovery"] {
                    #expect(await running.ask(path).status == .notFound)
                    #expect(await running.text(path).contains("--probe.enabled"))
                }
                #expect(simulation.requests.count(.validateBucket) == 0)
            }
        }
    }

    @Test func probeIsCountedInTheMetrics() async throws {
        try await running { running, simulation in
            let path = "/probe?target=\(simulation.buckets[0].id)"
            let response = await running.ask(path)
            #expect(response.status == .ok)
            #expect(response.headerFields[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            let page = try ParsedExposition(response.body.bytes)
            #expect(page.value("probe_success") == 1)
            #expect(
                page.families.map(\.name) == [
                    "probe_success", "probe_duration_seconds", "probe_latency_seconds", "probe_status",
                    "probe_sent_timestamp_seconds",
                ])
            #expect(try await running.scrape().value("flashback_exporter_probes_total", ["result": "success"]) == 1)
            let named = try await running.scrape("?name[]=flashback_exporter_probes_total")
            #expect(named.families.map(\.name) == ["flashback_exporter_probes_total"])

            simulation.setValidationFailure("words of the API", ofBucket: simulation.buckets[1].id)
            let failed = await running.text("/probe?target=\(simulation.buckets[1].id)")
            #expect(
                failed.contains("\nprobe_success 0\n")
                    && failed.contains("\nprobe_failure_info{reason=\"validation_failed\"} 1\n"))
            #expect(!failed.contains("words of the API"))
            #expect(await running.ask(path, .head).status == .ok)
            for path in [path, "/discovery"] { #expect(await running.ask(path, .post).status == .methodNotAllowed) }
        }
    }

    @Test func formatFollowsTheAcceptHeader() async throws {
        try await running { running, simulation in
            let head = HTTPRequest(
                method: .get, scheme: nil, authority: nil, path: "/probe?target=\(simulation.buckets[0].id)",
                headerFields: [.accept: "application/openmetrics-text; version=1.0.0", .acceptEncoding: "gzip"])
            let response = await running.configuration.responder.respond(to: ListenerRequest(head: head))
            #expect(response.headerFields[.contentType] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(response.headerFields[.contentEncoding] == "gzip")
            #expect(response.body.bytes.starts(with: [0x1F, 0x8B]))
        }
    }

    @Test func scrapeTimeoutThatLeavesNoTimeMakesNoRequest() async throws {
        try await running { running, simulation in
            _ = await running.text("/metrics")
            var head = HTTPRequest(
                method: .get, scheme: nil, authority: nil, path: "/probe?target=\(simulation.buckets[0].id)")
            head.headerFields[try #require(HTTPField.Name("X-Prometheus-Scrape-Timeout-Seconds"))] = "0.5"
            let response = await running.configuration.responder.respond(to: ListenerRequest(head: head))
            let page = try ParsedExposition(response.body.bytes)
            #expect(page.value("probe_success") == 0 && page.value("probe_failure_info", ["reason": "busy"]) == 1)
            #expect(simulation.requests.count(.validateBucket) == 0)
        }
    }

    static let hostile = [
        "", "?target=", "?target=..", "?target=../../user/quota", "?target=%2e%2e%2f", "?target=%00", "?target=a%0d%0aHost:%20b",
        "?target=\(String(repeating: "x", count: 100_000))", "?target=%FF%FE", "?target=a&target=b", "?Target=x",
        "?target=x&account=y",
        "?account=%22%0a&target=%7Bx%7D",
    ]

    @Test(arguments: hostile)
    func unknownTargetMakesNoRequestAndIsNotRepeated(_ query: String) async throws {
        try await running { running, simulation in
            _ = await running.text("/metrics")
            let before = simulation.requests.received
            let response = await running.ask("/probe\(query)")
            #expect([.badRequest, .notFound].contains(response.status))
            #expect(response.headerFields[.contentType] == "text/plain; charset=utf-8")
            let text = String(decoding: response.body.bytes, as: UTF8.self)
            #expect(text.utf8.count < 120 && text.hasSuffix(".\n") && text.count { $0.isNewline } == 1)
            #expect(simulation.requests.received == before)
        }
    }

    @Test func unusualIdentifiersAreOnePathSegmentAndKeepTheirLabels() async throws {
        let ids = ["../../user/quota", "a b%2F?#", "\"quoted\\\"\n\u{1}", "é\u{301}🦊", "</script>"]
        try await running { [time] running, simulation in
            _ = await running.text("/metrics")
            let list = try JSONSerialization.data(withJSONObject: ids.map { ["id": $0, "name": "name of \($0)"] })
            simulation.faults.add(.body(Array(list)), to: .listBuckets)
            time.advance(by: .seconds(60))
            _ = await running.text("/metrics")
            let groups = try JSONDecoder().decode([Group].self, from: Data(await running.ask("/discovery").body.bytes))
            #expect(groups.map(\.targets) == ids.map { [$0] })
            for (group, id) in zip(groups, ids) {
                #expect(Array((group.labels["__param_target"] ?? "").utf8) == Array(id.utf8))
                #expect(Array((group.labels["__meta_flashback_bucket_name"] ?? "").utf8) == Array("name of \(id)".utf8))
            }
            for id in ids {
                let page = try ParsedExposition(await running.ask("/probe?target=\(id.percentEncoded)").body.bytes)
                #expect(page.value("probe_failure_info", ["reason": "not_found"]) == 1)
                #expect(simulation.requests.all.last?.target == "/bucket/\(id.percentEncoded)/validate")
            }
        }
    }

    /// A target group as parsed by Prometheus.
    struct Group: Decodable {
        let targets: [String]
        let labels: [String: String]
    }

    private func groups(_ running: RunningAccounts, _ query: String = "") async throws -> [Group] {
        let response = await running.ask("/discovery\(query)")
        #expect(response.status == .ok && response.headerFields[.contentType] == "application/json")
        return try JSONDecoder().decode([Group].self, from: Data(response.body.bytes))
    }

    @Test func targetsAreTheSelectedBucketsWithTheirLabels() async throws {
        let all = FlashbackSimulation.account(time: time).buckets
        let excluded = all[1]
        let pattern = try Pattern(parsing: excluded.name)
        try await running {
            $0.selection.names.exclude = [pattern]
        } _: { running, simulation in
            let groups = try await groups(running)
            #expect(groups.map(\.targets) == [[all[0].id], [all[2].id]])
            let labels = try #require(groups.first).labels
            #expect(labels["__metrics_path__"] == "/probe" && labels["__param_target"] == all[0].id)
            #expect(labels["__param_account"] == nil && labels["__meta_flashback_account"] == nil)
            #expect(labels["__meta_flashback_bucket_id"] == all[0].id && labels["__meta_flashback_bucket_name"] == all[0].name)
            for name in ["cloud_bucket", "storage_type", "bucket_region", "workspace_id"] {
                #expect(labels["__meta_flashback_\(name)"]?.isEmpty == false, "\(name)")
            }
            let response = await running.ask("/probe?target=\(excluded.id)")
            #expect(response.status == .notFound)
            #expect(simulation.requests.count(.validateBucket) == 0)
        }
    }

    @Test func shardsShareTheBucketsAndProbeOnlyTheirOwn() async throws {
        var seen: [String] = []
        for index in 0..<2 {
            let targets = Recorded()
            try await running {
                $0.selection.shard = Shard(index: index, total: 2)
            } _: { running, simulation in
                let own = try await groups(running).flatMap(\.targets)
                await targets.set(own)
                for bucket in simulation.buckets {
                    let isOwn = own.contains(bucket.id)
                    #expect(await running.ask("/probe?target=\(bucket.id)").status == (isOwn ? .ok : .notFound))
                }
                #expect(simulation.requests.count(.validateBucket) == own.count)
            }
            seen += await targets.values
        }
        #expect(seen.sorted() == FlashbackSimulation.account(time: time).buckets.map(\.id).sorted())
    }

    private actor Recorded {
        private(set) var values: [String] = []
        func set(_ values: [String]) { self.values = values }
    }

    @Test func keepsThePreviousListDuringAnOutage() async throws {
        let simulation = FlashbackSimulation.account(time: time)
        let fault = simulation.faults.add(.status(403), to: .listBuckets)
        try await FlashbackSimulator.serving(simulation) { [time] simulator in
            var settings = try ExporterSettings.of(AccountSettings(nil, simulator))
            settings.probes = ProbeLimits()
            try await RunningAccounts.running(settings, time: time) { running in
                let bucket = simulation.buckets[0].id
                for path in ["/discovery", "/probe?target=\(bucket)"] {
                    let response = await running.ask(path)
                    #expect(response.status == .serviceUnavailable && response.headerFields[.retryAfter] != nil)
                }
                #expect(simulation.requests.count(.validateBucket) == 0)
                simulation.faults.remove(fault)
                time.advance(by: .seconds(3600))
                #expect(try await groups(running).count == 3)
                simulation.setOutage(.unavailable)
                time.advance(by: .seconds(3600))
                #expect(try await groups(running).count == 3)
                let page = try ParsedExposition(await running.ask("/probe?target=\(bucket)").body.bytes)
                #expect(page.value("probe_failure_info", ["reason": "server_error"]) == 1)
            }
        }
    }

    @Test func probeDoesNotWaitForTheListOfAnotherAccount() async throws {
        let other = FlashbackSimulation.account(seed: 2, time: time)
        other.faults.add(.hang)
        try await FlashbackSimulation.serving(.account(time: time), other) { [time] good, bad in
            var settings = try ExporterSettings.of(AccountSettings("good", good), AccountSettings("bad", bad))
            settings.probes = ProbeLimits()
            try await RunningAccounts.running(settings, time: time) { running in
                _ = try await running.scrape("?account[]=good")
                // Time does not advance, so a wait for the hanging account would not end.
                let bucket = FlashbackSimulation.account(time: time).buckets[0].id
                #expect(await running.ask("/probe?target=\(bucket)").status == .ok)
            }
        }
    }

    @Test func newBucketsAreDiscoveredWithoutScrapes() async throws {
        try await running { [time] running, simulation in
            #expect(try await groups(running).count == 3)
            let id = simulation.createBucket(name: "new")
            time.advance(by: .seconds(60))
            // The list is renewed in the background.
            while try await !groups(running).contains(where: { $0.targets == [id] }) { await Task.yield() }
            #expect(await running.ask("/probe?target=\(id)").status == .ok)
        }
    }

    @Test func bucketOfTwoAccountsNeedsTheAccountsName() async throws {
        let (one, two) = (FlashbackSimulation.account(time: time), FlashbackSimulation.account(buckets: 4, time: time))
        let other = FlashbackSimulation.account(seed: 2, time: time).buckets[0]
        try #require(one.buckets[0].id == two.buckets[0].id && other.id != one.buckets[0].id)
        try await FlashbackSimulation.serving(one, two) { [time] first, second in
            var settings = try ExporterSettings.of(AccountSettings("one", first), AccountSettings("two", second))
            settings.probes = ProbeLimits()
            try await RunningAccounts.running(settings, time: time) { running in
                let all = try await groups(running)
                #expect(all.count == 7)
                #expect(all.allSatisfy { $0.labels["__param_account"] == $0.labels["__meta_flashback_account"] })
                #expect(try await groups(running, "?account=two").allSatisfy { $0.labels["__meta_flashback_account"] == "two" })
                let shared = one.buckets[0].id
                #expect(await running.ask("/probe?target=\(shared)").status == .badRequest)
                #expect(one.requests.count(.validateBucket) + two.requests.count(.validateBucket) == 0)
                #expect(await running.ask("/probe?target=\(shared)&account=two").status == .ok)
                #expect(one.requests.count(.validateBucket) == 0 && two.requests.count(.validateBucket) == 1)
                // Only one account has the bucket.
                #expect(await running.ask("/probe?target=\(two.buckets[3].id)").status == .ok)
                #expect(await running.ask("/probe?target=\(two.buckets[3].id)&account=one").status == .notFound)
                for path in ["/probe?target=\(shared)&account=three", "/discovery?account=three"] {
                    #expect(await running.text(path) == "Unknown account.\n")
                }
                let page = try await running.scrape("?account[]=two")
                #expect(page.samples("flashback_exporter_probes_total").allSatisfy { $0.labels["account"] == "two" })
                #expect(page.samples("flashback_exporter_probes_total").reduce(0) { $0 + $1.value } == 2)
            }
        }
    }

    @Test func accountWithoutAListKeepsTheTargetsOfOthers() async throws {
        let (good, bad) = (FlashbackSimulation.account(time: time), FlashbackSimulation.account(seed: 2, time: time))
        bad.faults.add(.status(403))
        try await FlashbackSimulation.serving(good, bad) { [time] first, second in
            var settings = try ExporterSettings.of(AccountSettings("good", first), AccountSettings("bad", second))
            settings.probes = ProbeLimits()
            try await RunningAccounts.running(settings, time: time) { running in
                #expect(await running.ask("/discovery").status == .serviceUnavailable)
                #expect(await running.ask("/discovery?account=bad").status == .serviceUnavailable)
                let goodTargets = try await groups(running, "?account=good")
                #expect(goodTargets.count == 3)
                #expect(await running.ask("/probe?target=\(good.buckets[0].id)").status == .ok)
                #expect(await running.ask("/probe?target=\(bad.buckets[0].id)").status == .serviceUnavailable)
            }
        }
    }

    @Test func reloadEnablesAndDisablesProbes() async throws {
        let simulation = FlashbackSimulation.account(time: time)
        try await FlashbackSimulator.serving(simulation) { [time] simulator in
            let settings = try ExporterSettings.of(AccountSettings(nil, simulator))
            var enabled = settings
            enabled.probes = ProbeLimits()
            try await RunningAccounts.running(settings, time: time, reload: { [enabled] in enabled }) { running in
                #expect(await running.ask("/discovery").status == .notFound)
                #expect(await running.configuration.reload() == .active)
                #expect(await running.ask("/discovery").status == .ok)
            }
        }
    }
}

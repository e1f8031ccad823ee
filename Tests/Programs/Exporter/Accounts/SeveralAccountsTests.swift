import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@testable import FlashbackExporter

/// Failures of one account do not affect others.
@Suite(.timeLimit(.minutes(5))) struct SeveralAccountsTests {
    private let time = ManualTime()

    /// An account's lines without its label, as for an account without a name.
    private func withoutLabel(_ lines: [Substring], _ name: String) -> [String] {
        lines.map { String($0).replacing("{account=\"\(name)\"}", with: "").replacing("{account=\"\(name)\",", with: "{") }
    }

    /// The series of an account when it is the only one.
    private func alone(
        _ simulation: FlashbackSimulation, _ change: @escaping @Sendable (inout CollectionConfiguration) -> Void = { _ in }
    ) async throws -> [String] {
        try await FlashbackSimulator.serving(simulation) { [time] simulator in
            try await RunningAccounts.running(try .of(AccountSettings(nil, simulator, change)), time: time) { running in
                await running.lines(of: nil).map(String.init)
            }
        }
    }

    /// Failures of the other account.
    struct Trouble: CustomTestStringConvertible {
        let testDescription: String
        var fault: SimulatedFault?
        var credentials: Credentials?
        /// The code of its failing requests; nil if there is no request.
        let code: String?
    }

    static let troubles = [
        Trouble(testDescription: "nothing", code: "200"),
        Trouble(testDescription: "it is closed to us", fault: .status(403), code: "403"),
        Trouble(testDescription: "its token is refused", fault: .status(401), code: "401"),
        Trouble(testDescription: "it throttles", fault: .status(429, retryAfter: "3600"), code: "429"),
        Trouble(testDescription: "its answers are nonsense", fault: .wrongTypes(), code: "200"),
        Trouble(testDescription: "its answers are empty", fault: .emptyBody(), code: "200"),
    ]

    @Test(arguments: troubles)
    func seriesDifferFromASingleAccountsByTheLabelOnly(_ trouble: Trouble) async throws {
        let expected = try await alone(.account(time: time))
        let other = FlashbackSimulation.account(buckets: 5, seed: 2, time: time)
        if let fault = trouble.fault { other.faults.add(fault) }
        try await FlashbackSimulation.serving(.account(time: time), other) { [time] good, bad in
            let settings = try ExporterSettings.of(AccountSettings("good", good), AccountSettings("bad", bad))
            try await RunningAccounts.running(settings, time: time) { running in
                let served = withoutLabel(await running.lines(of: "good"), "good")
                #expect(served == expected)
                #expect(expected.count > 100)
                let page = try await running.scrape()
                #expect(page.value("flashback_up", ["account": "good"]) == 1)
                #expect(page.value("flashback_up", ["account": "bad"]) == (trouble.fault == nil ? 1 : 0))
                #expect(page.samples("flashback_bucket_info", ["account": "bad"]).count == (trouble.fault == nil ? 5 : 0))
                if let code = trouble.code {
                    let requests = page.samples("flashback_api_requests_total", ["account": "bad", "code": code])
                    #expect(!requests.isEmpty)
                }
                for family in page.families where family.name.hasPrefix("flashback_") {
                    let isOwn = family.name.contains("_exporter_") && !family.name.contains("dropped_rows")
                    #expect(family.samples.allSatisfy { ($0.labels["account"] == nil) == isOwn }, "\(family.name)")
                }
            }
        }
    }

    /// Repositories have workspaces too, but their workspaces need not include the requested one.
    @Test func workspaceIsNotRefusedWhileABucketListIsUnknown() async throws {
        let other = FlashbackSimulation.account(buckets: 6, seed: 2, time: time)
        try await FlashbackSimulation.serving(.account(buckets: 6, time: time), other) { [time] good, bad in
            let hasRepositories: @Sendable (inout CollectionConfiguration) -> Void = { configuration in
                configuration.collectors.insert("repositories")
                configuration.lifetimes["repositories"] = .seconds(1_000_000)
            }
            let settings = try ExporterSettings.of(
                AccountSettings("good", good, hasRepositories), AccountSettings("bad", bad, hasRepositories))
            try await RunningAccounts.running(settings, time: time) { running in
                let unknown = "/metrics?workspace_id[]=elsewhere"
                #expect(await running.ask(unknown).status == .badRequest)
                other.faults.add(.status(403), to: .listBuckets)
                time.advance(by: .seconds(86_400))
                let page = try await running.scrape("?workspace_id[]=workspace-1")
                #expect(page.value("flashback_up", ["account": "bad"]) == 0)
                #expect(page.samples("flashback_bucket_info", ["account": "bad"]).isEmpty)
                #expect(!page.samples("flashback_repository_info", ["account": "bad"]).isEmpty)
                #expect(await running.ask(unknown).status == .ok)
                #expect(await running.ask("\(unknown)&account[]=good").status == .badRequest)
                #expect(await running.ask("\(unknown)&account[]=bad").status == .ok)
            }
        }
    }

    @Test func throttledAccountSlowsOnlyItself() async throws {
        let other = FlashbackSimulation.account(time: time)
        other.faults.add(.status(429, retryAfter: "3600"))
        try await FlashbackSimulation.serving(.account(time: time), other) { [time] good, bad in
            let settings = try ExporterSettings.of(AccountSettings("good", good), AccountSettings("bad", bad))
            try await RunningAccounts.running(settings, time: time) { running in
                let page = try await running.scrape()
                #expect(page.value("flashback_api_pause_end_timestamp_seconds", ["account": "good"]) == 0)
                #expect(page.value("flashback_api_concurrency_limit", ["account": "good"]) == 8)
                #expect(page.value("flashback_api_request_rate_limit", ["account": "good"]) == .infinity)
                let pauseEnd = try #require(page.value("flashback_api_pause_end_timestamp_seconds", ["account": "bad"]))
                #expect(pauseEnd > time.now.timeIntervalSince1970)
                let limit = try #require(page.value("flashback_api_concurrency_limit", ["account": "bad"]))
                #expect(limit < 8)
                #expect(running.log.lines(with: "account=bad").count > 0)
                #expect(running.log.lines(with: "account=good").isEmpty)
            }
        }
    }

    @Test func hangingAccountDelaysOnlyItsOwnScrapes() async throws {
        // Data that was read once stays fresh, however much time passes.
        let unchanging: @Sendable (inout CollectionConfiguration) -> Void = { configuration in
            configuration.collectors = ["buckets", "available", "totals", "status"]
            for name in configuration.collectors { configuration.lifetimes[name] = .seconds(1_000_000) }
        }
        let expected = try await alone(.account(time: time), unchanging)
        let other = FlashbackSimulation.account(time: time)
        other.faults.add(.hang)
        try await FlashbackSimulation.serving(.account(time: time), other) { [time] good, bad in
            let settings = try ExporterSettings.of(
                AccountSettings("good", good, unchanging), AccountSettings("bad", bad))
            try await RunningAccounts.running(settings, time: time) { running in
                // Time does not advance: neither scrape waits for the hanging account.
                let some = try await running.scrape("?account[]=good")
                #expect(some.samples("flashback_bucket_info").count == 3)
                #expect(some.labelValues.contains("good") && !some.labelValues.contains("bad"))
                #expect(await running.ask("/-/ready").status == .serviceUnavailable)
                let scrape = Milestone()
                async let lines = scrape.reached { await running.lines(of: nil) }
                await scrape.isReached(advancing: time)
                let all = await lines
                #expect(withoutLabel(all.filter { $0.contains("account=\"good\"") }, "good") == expected)
                // Its first answer is still awaited: nothing is known about it yet.
                #expect(!all.contains { $0.hasPrefix("flashback_up{account=\"bad\"}") })
                #expect(!all.contains { $0.hasPrefix("flashback_collector_success{account=\"bad\"") })
            }
        }
    }

    @Test(
        arguments: ["a\"b", #"back\slash"#, "line\nfeed", "é🦊", " ", "{x=\"y\"}"])
    func accountNameIsEscapedInTheLabel(_ name: String) async throws {
        try await FlashbackSimulation.serving(.account(time: time), .account(seed: 2, time: time)) { [time] one, two in
            let settings = try ExporterSettings.of(AccountSettings(name, one), AccountSettings("plain", two))
            try await RunningAccounts.running(settings, time: time) { running in
                let page = try await running.scrape()
                #expect(page.value("flashback_up", ["account": name]) == 1)
                #expect(page.samples("flashback_bucket_info", ["account": name]).count == 3)
                #expect(page.samples("flashback_bucket_info", ["account": "plain"]).count == 3)
            }
        }
    }

    @Test func readyAfterEachAccountWasReadOnce() async throws {
        let other = FlashbackSimulation.account(time: time)
        other.faults.add(.status(403))
        try await FlashbackSimulation.serving(.account(time: time), other) { [time] good, bad in
            let settings = try ExporterSettings.of(AccountSettings("good", good), AccountSettings("bad", bad))
            try await RunningAccounts.running(settings, time: time) { running in
                _ = try await running.scrape()
                #expect(await running.ask("/-/ready").status == .ok)
            }
        }
    }

    @Test func missingTokenFileErrorNamesTheAccount() async throws {
        try await FlashbackSimulation.serving(.account(time: time), .account(time: time)) { [time] one, two in
            let settings = try ExporterSettings.of(
                AccountSettings("one", one),
                AccountSettings("the \"other\"", two, credentials: .tokenFile(path: "/nonexistent/token")))
            let error = await #expect(throws: (any Error).self) {
                try await RunningAccounts.running(settings, time: time) { _ in }
            }
            #expect(
                error.map { "\($0)" }
                    == #"account "the \"other\"": --flashback.token-file: cannot read the file /nonexistent/token: "#
                    + "No such file or directory")
        }
    }
}

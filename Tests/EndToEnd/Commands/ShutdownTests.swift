import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct ShutdownTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func signalLetsTheRunningScrapeFinish(signal: Int32) async throws {
        // The exporter waits three and a half seconds for its responses. If the machine stalls that long at the wrong moment, try again.
        for _ in 1...10 {
            if try await finishesScrape(signal: signal) { return }
        }
        Issue.record("no attempt ended in time")
    }

    /// - Returns: false when it took too long to prove anything.
    private func finishesScrape(signal: Int32) async throws -> Bool {
        let clock = ManualClock()
        let simulation = FlashbackSimulation.small(clock: clock) { $0.latency = .seconds(1) }
        return try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--log.level", "debug"]) { exporter in
                await clock.waitForSleepers(1)
                let scrape = try HeldRequest(exporter.addresses[0], "/metrics")
                // A connection whose request has not been read yet would count as idle, and be closed.
                try await eventually("the scrape was read") { try scrape.wasRead() }

                let start = ContinuousClock.now
                exporter.process.send(signal)
                try await eventually("no new connection is accepted") {
                    (try? await exporter.send("GET", "/-/healthy")) == nil
                }
                simulation.configuration.latency = .zero
                clock.advance(by: .seconds(1))
                let answer: Result<HTTP.Answer, any Error>
                do { answer = .success(try await scrape.answer()) } catch { answer = .failure(error) }
                guard start.duration(to: .now) < .seconds(3) else { return false }
                let metrics = try Metrics(try answer.get().text)
                #expect(metrics.value("flashback_up") == 1)
                #expect(metrics.series("flashback_bucket_info").count == 3)
                #expect(try await exporter.process.end() == .status(0))
                #expect(exporter.process.text(of: .error).contains("msg=stopped"))
                return true
            }
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func signalDuringABackgroundRefreshEndsTheProgramAtOnce(signal: Int32) async throws {
        let simulation = FlashbackSimulation.small()
        simulation.faults.add(.hang)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--flashback.timeout", "1h"]) { exporter in
                await simulation.requests.wait(untilReceived: 1)
                let clock = ContinuousClock()
                let start = clock.now
                exporter.process.send(signal)
                let end = try await exporter.process.end()
                #expect(end == .status(0))
                // The test must not wait for the API's time-out.
                #expect(start.duration(to: clock.now) < .seconds(300))
            }
        }
    }

    @Test func hangingScrapeAndRenewalDoNotDelayTheEnd() async throws {
        let simulation = FlashbackSimulation.small()
        let directory = try TemporaryDirectory()
        let token = simulation.issueTokens().refreshToken
        let file = try directory.write("\(token)\n", to: "token")
        simulation.faults.add(.hang, to: .refresh)
        try await FlashbackSimulator.serving(simulation) { simulator in
            let arguments = ["--flashback.timeout", "1h", "--flashback.refresh-token-file", file]
            try await RunningExporter.running(simulator.url, arguments, token: nil) { exporter in
                await simulation.requests.wait(untilReceived: 1)
                let scrape = try HeldRequest(exporter.addresses[0], "/metrics")
                try await eventually("the scrape was read") { try scrape.wasRead() }
                let clock = ContinuousClock()
                let start = clock.now
                exporter.process.send(SIGTERM)
                #expect(try await exporter.process.end() == .status(0))
                // The exporter takes less than five seconds; the limit allows for a stalling machine.
                #expect(start.duration(to: clock.now) < .seconds(60))
                #expect(exporter.process.text(of: .error).contains("interrupted the renewal of the access token"))
            }
        }
        #expect(try directory.names() == ["token"])
    }

    @Test func tokenOfACrashedRunIsRecovered() async throws {
        let simulation = FlashbackSimulation.small()
        let directory = try TemporaryDirectory()
        let file = try directory.write("replaced\n", to: "token")
        // As left by a run that was killed before it renamed the new file.
        try directory.write("\(simulation.issueTokens().refreshToken)\n", to: "token.new")
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--flashback.refresh-token-file", file], token: nil) { exporter in
                let metrics = try await exporter.scrape()
                #expect(metrics.value("flashback_up") == 1)
                #expect(try directory.names() == ["token"])
            }
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func demoAndSimulatorEndWithStatus0(signal: Int32) async throws {
        try await RunningExporter.runningDemo { exporter in
            _ = try await exporter.scrape()
            exporter.process.send(signal)
            #expect(try await exporter.process.end() == .status(0))
        }
        try await RunningProcess.running(Program.simulator, ["--web.listen-address", "127.0.0.1:0"]) { simulator in
            _ = try await simulator.line(of: .output, containing: "Listening on")
            simulator.send(signal)
            #expect(try await simulator.end() == .status(0))
        }
    }
}

import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

@Suite struct ThrottleTests {
    @Test func requestsBeyondTheRateAreThrottled() async throws {
        let time = TestTime()
        let simulation = FlashbackSimulation.make(time: time) { $0.requestsPerSecond = 2 }
        var statuses: [Int] = []
        for _ in 0..<3 { statuses.append(await simulation.get("/bucket/stats").status) }
        #expect(statuses == [200, 200, 429])
        time.advance(by: 0.5)
        #expect(await simulation.get("/bucket/stats").status == 200)
        #expect(await simulation.get("/bucket/stats").status == 429)
        time.advance(by: 3600)
        statuses = []
        for _ in 0..<3 { statuses.append(await simulation.get("/bucket/stats").status) }
        #expect(statuses == [200, 200, 429])
    }

    @Test(arguments: SimulatorConfiguration.RetryAfterForm.allCases)
    func rateNearZeroWaitsADayAtMost(form: SimulatorConfiguration.RetryAfterForm) async throws {
        let simulation = FlashbackSimulation.make(time: TestTime()) {
            $0.requestsPerSecond = 1e-300
            $0.retryAfter = form
        }
        #expect(await simulation.get("/bucket/stats").status == 200)
        let reply = await simulation.get("/bucket/stats")
        #expect(reply.status == 429)
        if form == .seconds { #expect(reply[header: .retryAfter] == "86400") }
    }

    @Test(arguments: SimulatorConfiguration.RetryAfterForm.allCases)
    func retryAfterIsWhenARequestSucceeds(form: SimulatorConfiguration.RetryAfterForm) async throws {
        let expected: String? =
            switch form {
            case .seconds: "4"
            case .date: "Wed, 12 Jun 2024 09:30:04 GMT"
            case .none: nil
            }
        let time = TestTime()
        let simulation = FlashbackSimulation.make(time: time) {
            $0.requestsPerSecond = 0.25
            $0.retryAfter = form
        }
        #expect(await simulation.get("/bucket/stats").status == 200)
        let reply = await simulation.get("/bucket/stats")
        #expect(reply.status == 429)
        #expect(reply[header: .retryAfter] == expected)
        #expect(keys(try reply.object()) == ["success", "message"])
        time.advance(by: 4)
        #expect(await simulation.get("/bucket/stats").status == 200)
    }

    @Test func shareOfRequestsFails() async {
        let simulation = FlashbackSimulation.make {
            $0.errorRate = 0.3
            $0.throttleRate = 0.2
        }
        for _ in 0..<2000 { _ = await simulation.get("/bucket/available") }
        #expect((350...450).contains(simulation.requests.count(status: 429)))
        #expect((400...560).contains(simulation.requests.count(status: 500)))
        #expect(simulation.requests.count() == 2000)
    }

    @Test func latencyIncludesItsJitter() async {
        let clock = RecordingClock()
        let simulation = FlashbackSimulation.make(clock: clock) {
            $0.latency = .milliseconds(20)
            $0.jitter = .milliseconds(10)
        }
        for _ in 0..<100 { _ = await simulation.get("/bucket/available") }
        #expect(clock.slept.count == 100)
        #expect(clock.slept.allSatisfy { (.milliseconds(20) ..< .milliseconds(30)).contains($0) })
        #expect(Set(clock.slept).count > 50)
    }
}

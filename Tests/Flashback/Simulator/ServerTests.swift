import FlashbackSimulator
import Foundation
import HTTPServer
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The simulation over real HTTP.
@Suite(.timeLimit(.minutes(10))) struct ServerTests {
    private func get(_ url: String, timeout: TimeInterval = 300) async throws -> (Data, HTTPURLResponse) {
        var request = URLRequest(url: try #require(URL(string: url)))
        request.setValue("Bearer \(FlashbackSimulation.token)", forHTTPHeaderField: "Authorization")
        request.timeoutInterval = timeout
        let session = URLSession(configuration: .ephemeral)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        return (data, try #require(response as? HTTPURLResponse))
    }

    @Test func simulationIsServed() async throws {
        let simulation = FlashbackSimulation.make(clock: ContinuousClock()) { $0.latency = .milliseconds(1) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            #expect(simulator.url.hasPrefix("http://127.0.0.1:"))
            let (data, response) = try await get(simulator.url + "/bucket")
            #expect(response.statusCode == 200)
            #expect(Array(data) == (await simulation.get("/bucket")).bytes)
            let (_, missing) = try await get(simulator.url + "/nowhere")
            #expect(missing.statusCode == 404)
        }
        #expect(simulation.requests.count(.listBuckets, status: 200) == 2)
    }

    @Test func abortedResponseFailsItsClient() async throws {
        let simulation = FlashbackSimulation.make()
        simulation.faults.add(.brokenOff, to: .listBuckets)
        try await FlashbackSimulator.serving(simulation) { simulator in
            await #expect(throws: URLError.self) { try await get(simulator.url + "/bucket") }
            let (_, response) = try await get(simulator.url + "/bucket/stats")
            #expect(response.statusCode == 200)
        }
    }

    @Test func hangingRequestEndsWhenItsClientDisconnects() async throws {
        let simulation = FlashbackSimulation.make()
        simulation.faults.add(.hang, to: .listBuckets)
        try await FlashbackSimulator.serving(simulation) { simulator in
            let request = Task { try await get(simulator.url + "/bucket") }
            await simulation.requests.wait(untilReceived: 1)
            request.cancel()
            await #expect(throws: (any Error).self) { try await request.value }
            while simulation.requests.inFlight > 0 { await Task.yield() }
        }
        #expect(simulation.requests.abandonedCount(.listBuckets) == 1)
    }

    @Test func portInUseIsAnError() async throws {
        try await FlashbackSimulator.serving(.make()) { simulator in
            _ = await #expect(throws: BindError.self) {
                _ = try await FlashbackSimulator.start(.make(), addresses: simulator.addresses)
            }
        }
    }
}

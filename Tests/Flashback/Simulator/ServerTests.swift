import Basics
import FlashbackSimulator
import HTTPClient
import HTTPServer
import HTTPTypes
import Testing

/// The simulation over real HTTP.
@Suite(.timeLimit(.minutes(10))) struct ServerTests {
    private func get(_ url: String) async throws -> TransferResponse {
        let transport = try CurlTransport(configuration: CurlTransportConfiguration(totalTimeout: .seconds(300)))
        let response: Result<TransferResponse, TransferError>
        do throws(TransferError) {
            let request = TransferRequest(method: .get, url: url, bearerToken: Secret(FlashbackSimulation.token))
            response = .success(try await transport.execute(request))
        } catch {
            response = .failure(error)
        }
        await transport.shutdown()
        return try response.get()
    }

    @Test func simulationIsServed() async throws {
        let simulation = FlashbackSimulation.make(clock: ContinuousClock()) { $0.latency = .milliseconds(1) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            #expect(simulator.url.hasPrefix("http://127.0.0.1:"))
            let response = try await get(simulator.url + "/bucket")
            #expect(response.status == .ok)
            #expect(response.body == (await simulation.get("/bucket")).bytes)
            let missing = try await get(simulator.url + "/nowhere")
            #expect(missing.status == .notFound)
        }
        #expect(simulation.requests.count(.listBuckets, status: 200) == 2)
    }

    @Test func abortedResponseFailsItsClient() async throws {
        let simulation = FlashbackSimulation.make()
        simulation.faults.add(.brokenOff, to: .listBuckets)
        try await FlashbackSimulator.serving(simulation) { simulator in
            await #expect(throws: TransferError.self) { try await get(simulator.url + "/bucket") }
            let response = try await get(simulator.url + "/bucket/stats")
            #expect(response.status == .ok)
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

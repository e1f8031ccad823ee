import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct RequestStatisticsTests {
    @Test func requestsAreCountedByEndpointAndOutcome() async throws {
        let time = ManualTime()
        let transport = StubTransport { request throws(TransferError) in
            time.advance(by: .milliseconds(250))
            if request.url.hasSuffix("/available") { throw TransferError(kind: .timedOut, message: "too slow") }
            return TransferResponse(status: request.url.hasSuffix("/stats") ? .internalServerError : .ok, body: Array("[]".utf8))
        }
        let client = try client(transport, time: time)
        for _ in 0..<2 { _ = try await client.send(ListBuckets()) }
        _ = await failure(client, ListBucketTotals())
        _ = await failure(client, ListAvailableBuckets())
        let current = client.statistics.current()
        #expect(current.map(\.endpoint) == [ListBuckets.name, ListAvailableBuckets.name, ListBucketTotals.name])
        #expect(current.map { $0.counts.requests.mapValues(\.count) } == [["200": 2], ["timeout": 1], ["500": 1]])
        #expect(current.map(\.counts.totalDuration) == [0.5, 0.25, 0.25])
        let bound = try #require(RequestStatistics.durationBounds.firstIndex(of: 0.25))
        for (endpoint, counts) in current {
            #expect(counts.durations.reduce(0, +) == counts.durations[bound], "\(endpoint)")
            #expect(counts.durations.count == RequestStatistics.durationBounds.count + 1)
        }
    }

    @Test func durationsFallIntoTheirBuckets() async throws {
        let time = ManualTime()
        let durations: [Duration] = [
            .zero, .milliseconds(5), .milliseconds(6), .seconds(30), .milliseconds(30_001), .seconds(29),
        ]
        for (index, duration) in durations.enumerated() {
            let transport = StubTransport { _ throws(TransferError) in
                time.advance(by: duration)
                return TransferResponse(status: .ok, body: Array("[]".utf8))
            }
            let client = try client(transport, time: time)
            _ = try await client.send(ListBuckets())
            let counts = try #require(client.statistics.current().first?.counts)
            let last = RequestStatistics.durationBounds.count
            #expect(counts.durations[[0, 0, 1, last - 1, last, last - 1][index]] == 1)
        }
    }

    /// A count starts at the time of its last reading as 0, which is before the scrape that shows its first increase.
    @Test func countsStartAtTheReadingBeforeTheirFirstIncrease() async throws {
        let time = ManualTime()
        let created = time.now
        let transport = StubTransport { request throws(TransferError) in
            time.advance(by: .seconds(1))
            return TransferResponse(
                status: request.url.hasSuffix("/stats") ? .internalServerError : .ok, body: Array("[]".utf8))
        }
        let client = try client(transport, time: time)
        #expect(client.statistics.start == created)
        _ = try await client.send(ListBuckets())
        #expect(client.statistics.current().map(\.counts.start) == [created])
        let firstReading = time.now
        time.advance(by: .seconds(30))
        #expect(client.statistics.current().count == 1)
        let secondReading = time.now
        time.advance(by: .seconds(30))
        _ = await failure(client, ListBucketTotals())
        _ = try await client.send(ListBuckets())
        let counts = client.statistics.current().map(\.counts)
        #expect(counts.map(\.start) == [created, secondReading])
        #expect(counts.map { $0.requests.mapValues(\.start) } == [["200": created], ["500": secondReading]])
        #expect(firstReading < secondReading)
    }

    /// The machine's clock is an hour ahead at the start and corrected later.
    @Test func calendarThatIsSetBackLeavesNoStartInTheFuture() async throws {
        let time = ManualTime()
        let skew = NIOLockedValueBox(3600.0)
        let source = TimeSource(clock: time.clock) { time.now.addingTimeInterval(skew.withLockedValue { $0 }) }
        let statistics = RequestStatistics(time: source)
        let client = FlashbackClient(
            baseURL: .simulated, transport: StubTransport("[]"),
            tokens: StoredAccessToken(AccessTokenVariable(try AccessToken(parsing: "hunter2")), time: source),
            budget: RequestBudget(limit: 4, time: source), statistics: statistics, time: source)
        #expect(statistics.current().isEmpty)
        skew.withLockedValue { $0 = 0 }
        time.advance(by: .seconds(10))
        _ = try await client.send(ListBuckets())
        #expect(statistics.current().map(\.counts.start) == [time.now])
        let reading = time.now
        time.advance(by: .seconds(10))
        _ = try await client.send(ListBucketTotals())
        #expect(statistics.current().map(\.counts.start) == [reading, reading])
    }

    @Test func apiDoesNotChooseTheNumberOfSeries() async throws {
        try await SimulatedTime.run { time in
            let codes = NIOLockedValueBox(Array(0...999) + [105, 999, 404])
            let transport = StubTransport { request throws(TransferError) in
                // Trials of the token follow a 401.
                let code = request.url.contains("/node") ? codes.withLockedValue { $0.removeFirst() } : 200
                return TransferResponse(status: .init(code: code), body: Array("[]".utf8))
            }
            let client = try client(transport, time: time)
            while codes.withLockedValue({ !$0.isEmpty }) { _ = await failure(client, ListNodes()) }
            let counts = try #require(client.statistics.current().first { $0.endpoint == ListNodes.name }).counts
            let requests = counts.requests.mapValues(\.count)
            #expect(requests.count == 31)
            #expect(requests["105"] == 2 && requests["404"] == nil)
            #expect(requests["other"] == 972)
        }
    }

    @Test func nativeHistogramHasTheSameDurations() async throws {
        let time = ManualTime()
        let transport = StubTransport { _ throws(TransferError) in
            time.advance(by: .milliseconds(250))
            return TransferResponse(status: .ok, body: Array("[]".utf8))
        }
        let client = try client(transport, time: time)
        for _ in 0..<3 { _ = try await client.send(ListBuckets()) }
        let native = try #require(client.statistics.current().first?.counts.nativeDurations)
        #expect(native.buckets.map(\.count) == [3])
        #expect(native.buckets.map(\.index) == [-16])
    }

    @Test func boundsAreAscending() {
        #expect(RequestStatistics.durationBounds == RequestStatistics.durationBounds.sorted())
        #expect(Set(RequestStatistics.durationBounds).count == RequestStatistics.durationBounds.count)
    }

    @Test func throttledAnswersAreCounted() async throws {
        let client = try client(StubTransport("", status: .tooManyRequests))
        _ = await failure(client, ListBuckets())
        let counts = try #require(client.statistics.current().first?.counts)
        #expect(counts.throttled == 1)
        #expect(counts.requests.mapValues(\.count) == ["429": 1])
    }

    @Test func cancelledRequestIsNotCounted() async throws {
        let client = try client(StubTransport(failing: .cancelled))
        _ = await failure(client, ListBuckets())
        #expect(client.statistics.current().isEmpty)
    }
}

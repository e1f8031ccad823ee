import Basics
import FlashbackAPI
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// GET /v2/stats/storage/breakdown/….
@Suite struct TrafficDecodingTests {
    private func page(_ body: String) throws -> TrafficPage {
        try ReadTrafficBreakdown<TrafficByBucket>(limit: 100, offset: 0).answer(from: AnswerBody(Array(body.utf8)))
    }

    private func read(_ totals: String) throws -> (row: WindowTraffic, rows: Rows<WindowTraffic>) {
        let rows = try page(#"{"entities":[{"entityId":"e","totals":\#(totals)}]}"#).rows
        return (try #require(rows.rows.first), rows)
    }

    @Test(arguments: [
        #"{"uplBytes":9007199254740993,"dwlBytes":2,"sizeChange":-3,"latencyMs":4.5,"requests":5}"#,
        #"{"uplBytes":"9007199254740993","dwlBytes":"2","sizeChange":"-3","latencyMs":"4.5","requests":"5"}"#,
        #"{"upl_bytes":9007199254740993,"dwl_bytes":2,"size_change":-3,"latency_ms":4.5,"requests":5}"#,
        #"{"totalUploadBytes":"9007199254740993","totalDownloadBytes":2,"totalSizeChange":-3,"latencyMs":4.5,"totalCount":5}"#,
    ])
    func everySpellingIsRead(_ totals: String) throws {
        let (row, rows) = try read(totals)
        let traffic = try #require(row.totals)
        #expect(traffic.uploadBytes == 9_007_199_254_740_993 && traffic.downloadBytes == 2 && traffic.sizeChangeBytes == -3)
        #expect(traffic.latencyMilliseconds == 4.5 && traffic.requests == 5)
        #expect(rows.malformedFields == 0)
    }

    @Test(arguments: [
        ("null", 0, 0), ("7", 1, 0), ("[]", 1, 0), ("{}", 0, 0), (#"{"requests":-1,"uplBytes":"x","latencyMs":1e12}"#, 1, 2),
    ])
    func hostileTotalsAffectNoOtherFields(_ totals: String, _ malformed: Int, _ outOfRange: Int) throws {
        let (row, rows) = try read(totals)
        #expect(row.totals?.requests == nil && row.totals?.uploadBytes == nil)
        #expect(rows.malformedFields == malformed && rows.outOfRangeFields == outOfRange)
    }

    @Test(
        arguments: [
            (#""meta":{"totalEntities":12},"#, 12), (#""meta":{"totalEntities":"12"},"#, 12),
            (#""meta":{"totalEntities":-1},"#, nil),
            (#""meta":7,"#, nil), ("", nil),
        ] as [(String, Int64?)])
    func numberOfEntitiesIsReadOrUnknown(_ meta: String, _ total: Int64?) throws {
        #expect(try page(#"{"success":true,\#(meta)"entities":[]}"#).totalEntities == total)
    }

    // MARK: Pages

    /// An API with a given number of entities.
    private final class Pages: Sendable {
        let entities: Int
        let maximum: Int
        let tellsTotal: Bool
        let ignoresOffset: Bool
        let offsets = NIOLockedValueBox<[Int]>([])

        init(entities: Int, maximum: Int = 100, tellsTotal: Bool = true, ignoresOffset: Bool = false) {
            (self.entities, self.maximum) = (entities, maximum)
            (self.tellsTotal, self.ignoresOffset) = (tellsTotal, ignoresOffset)
        }

        var transport: StubTransport {
            StubTransport { request throws(TransferError) in
                let parameter = request.url.split(separator: "&").first { $0.hasPrefix("offset=") }
                let asked = parameter.flatMap { Int($0.dropFirst("offset=".count)) } ?? -1
                self.offsets.withLockedValue { $0.append(asked) }
                let offset = self.ignoresOffset ? 0 : asked
                let shown = offset..<max(offset, min(self.entities, offset + self.maximum))
                let rows = shown.map { #"{"entityId":"e\#($0)","totals":{"requests":\#($0)}}"# }
                let meta = self.tellsTotal ? #""meta":{"totalEntities":\#(self.entities)},"# : ""
                let body = #"{"success":true,\#(meta)"entities":[\#(rows.joined(separator: ","))]}"#
                return TransferResponse(status: .ok, body: Array(body.utf8))
            }
        }

        func read() async throws -> Rows<WindowTraffic> {
            try await client(transport).trafficOfWindow(by: TrafficByNode.self)
        }
    }

    @Test(arguments: [(0, [0]), (1, [0]), (100, [0]), (101, [0, 100]), (250, [0, 100, 200])])
    func pagesAreReadUntilAllEntitiesArePresent(_ count: Int, _ offsets: [Int]) async throws {
        let pages = Pages(entities: count)
        let traffic = try await pages.read()
        #expect(traffic.rows.map(\.entity) == (0..<count).map { Identifier("e\($0)") })
        #expect(pages.offsets.withLockedValue { $0 } == offsets)
        #expect(traffic.malformedRows == 0)
    }

    @Test func shortPagesTakeMoreRequests() async throws {
        let pages = Pages(entities: 95, maximum: 10)
        #expect(try await pages.read().rows.count == 95)
        #expect(pages.offsets.withLockedValue { $0 } == Array(stride(from: 0, to: 95, by: 10)))
    }

    @Test func partialPageIsTheLastWithoutATotal() async throws {
        let pages = Pages(entities: 150, tellsTotal: false)
        #expect(try await pages.read().rows.count == 150)
        #expect(pages.offsets.withLockedValue { $0 } == [0, 100])
    }

    @Test(arguments: [true, false])
    func readingEndsWhereTheAPIIgnoresTheOffset(_ tellsTotal: Bool) async throws {
        let pages = Pages(entities: 10_000, tellsTotal: tellsTotal, ignoresOffset: true)
        #expect(Set(try await pages.read().rows.map(\.entity)).count == 100)
        #expect(pages.offsets.withLockedValue { $0 } == [0, 100])
    }

    @Test func endlessListIsAnError() async throws {
        let pages = Pages(entities: .max / 2, maximum: 1)
        let error = await #expect(throws: APIError.self) { _ = try await pages.read() }
        let text = "GET /v2/stats/storage/breakdown/nodes: the response's list \"entities\" has more than 1311 rows"
        #expect(error.map { "\($0)" } == text)
        #expect(pages.offsets.withLockedValue { $0.count } == 1311)
    }

    @Test func pagesLongerThanRequestedHaveNoMoreRowsThanALargeAnswer() async throws {
        let requests = NIOLockedValueBox(0)
        // Rows without an entity are quickly read.
        let rest = String(repeating: ",0", count: 70_000)
        let transport = StubTransport { _ throws(TransferError) in
            let number = requests.withLockedValue { requests in
                requests += 1
                return requests
            }
            let body = #"{"meta":{"totalEntities":1000000},"entities":[{"entityId":"e\#(number)"}\#(rest)]}"#
            return TransferResponse(status: .ok, body: Array(body.utf8))
        }
        let client = try client(transport)
        let error = await #expect(throws: APIError.self) { _ = try await client.trafficOfWindow(by: TrafficByNode.self) }
        let text = "GET /v2/stats/storage/breakdown/nodes: the response's list \"entities\" has more than 131072 rows"
        #expect(error.map { "\($0)" } == text)
        #expect(requests.withLockedValue { $0 } == 2)
    }

    @Test func unreadablePartsOfAllPagesAreCounted() async throws {
        let left = NIOLockedValueBox([
            #"{"meta":{"totalEntities":5},"entities":[7,{"entityId":"a","totals":{"requests":"x"}}]}"#,
            #"{"meta":{"totalEntities":5},"entities":[{"entityId":"b","totals":{"requests":-1}},{},{"entityId":"c"}]}"#,
        ])
        let transport = StubTransport { _ throws(TransferError) in
            TransferResponse(status: .ok, body: Array(left.withLockedValue { $0.removeFirst() }.utf8))
        }
        let traffic = try await client(transport).trafficOfWindow(by: TrafficByBucket.self)
        #expect(traffic.rows.map(\.entity) == ["a", "b", "c"])
        #expect(traffic.malformedRows == 2 && traffic.malformedFields == 1 && traffic.outOfRangeFields == 1)
    }
}

import Basics
import Exposition
import FlashbackAPI
import HTTPClient
import HTTPTypes
import TestSupport
import Testing

@testable import FlashbackCollectors

/// Names that the API distinguishes remain distinct: bytes count, not canonical equivalence in Unicode.
@Suite struct IdentityTests {
    private static let composed = "caf\u{E9}"
    private static let decomposed = "cafe\u{301}"

    private static func list(_ rows: [String]) -> String { "[\(rows.joined(separator: ","))]" }

    /// An account with two buckets, in two workspaces, each with two nodes on two hosts, all with the same two names.
    private static let transport = StubTransport { request throws(TransferError) in
        let texts = [composed, decomposed]
        let path = request.url.prefix { $0 != "?" }
        let rows: [String]
        if path.hasSuffix("/bucket") {
            rows = texts.map { #"{"id":"\#($0)","name":"\#($0)","workspaceId":"\#($0)","status":"ONLINE"}"# }
        } else if path.hasSuffix("/available") {
            rows = [#"{"id":"\#(composed)"}"#]
        } else if path.hasSuffix("/bucket/stats") {
            rows = texts.enumerated().map { #"{"bucketId":"\#($1)","totalCount":"\#($0 + 1)"}"# }
        } else if path.hasSuffix("/status") {
            rows = texts.enumerated().map { #"{"ip":"\#($1)","status":"ONLINE","latency_ms":\#($0 + 1)}"# }
        } else {
            rows = texts.flatMap { ip in texts.map { #"{"ip":"\#(ip)","host":"\#($0)","perc_uptime":100}"# } }
        }
        return TransferResponse(status: .ok, body: Array(list(rows).utf8))
    }

    @Test func canonicallyEquivalentNamesAreDistinctBucketsAndNodes() async throws {
        let account = try CollectedAccount(transport: { _ in Self.transport })
        let scrape = try await account.scrape()
        for (id, total, available) in [(Self.composed, 1.0, 1.0), (Self.decomposed, 2, 0)] {
            #expect(scrape.samples("flashback_bucket_info", ["bucket_id": id]).count == 1)
            #expect(scrape.value("flashback_bucket_requests_total", ["bucket_id": id]) == total)
            #expect(scrape.value("flashback_bucket_available", ["bucket_id": id]) == available)
            let latencies = ["node": Self.decomposed, "bucket_id": id]
            #expect(scrape.value("flashback_bucket_node_latency_seconds", latencies) == 0.002)
            for day in ["today", "yesterday"] {
                let labels = ["bucket_id": id, "day": day]
                #expect(scrape.samples("flashback_bucket_node_daily_uptime_ratio", labels).count == 4)
            }
        }
        #expect(scrape.samples("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]).allSatisfy { $0.value == 0 })
    }

    @Test func canonicallyEquivalentWorkspacesAreDistinct() async throws {
        let account = try CollectedAccount(transport: { _ in Self.transport })
        let snapshot = await account.engine.snapshot(within: nil)
        #expect(snapshot.partitions == [Identifier(Self.composed), Identifier(Self.decomposed)])
        let filter = SampleFilter(families: ["flashback_bucket_info"], partitions: [Identifier(Self.decomposed)])
        let body = try ParsedExposition(snapshot.body(in: .text, filter: filter).bytes)
        #expect(
            body.samples("flashback_bucket_info").map { Identifier($0.labels["bucket_id"] ?? "") } == [
                Identifier(Self.decomposed)
            ])
    }

    @Test func limitCountsCanonicallyEquivalentNamesSeparately() throws {
        var selection = BucketSelection()
        selection.maximumBuckets = 1
        selection.maximumNodesPerBucket = 1
        let rows: Rows<Bucket> = try AnswerBody(
            Array(Self.list([Self.composed, Self.decomposed].map { #"{"id":"\#($0)"}"# }).utf8)
        )
        .rows(under: [.buckets])
        let (buckets, refusedBuckets) = selection.applied(to: rows.rows)
        // `e` comes before the first byte of `é`.
        #expect(buckets.map(\.id) == [Identifier(Self.decomposed)] && refusedBuckets == 1)
        let nodes = [Self.composed, Self.decomposed, Self.composed].map { Identifier($0) }
        let (kept, refusedNodes) = selection.applied(to: nodes, ofNode: \.self)
        #expect(kept == [Identifier(Self.decomposed)] && refusedNodes == 1)
    }

    @Test func canonicallyEquivalentPatternsAreDistinct() throws {
        #expect(try Pattern(parsing: Self.composed) != Pattern(parsing: Self.decomposed))
        #expect(try !Pattern(parsing: Self.composed).matches(Self.decomposed))
    }
}

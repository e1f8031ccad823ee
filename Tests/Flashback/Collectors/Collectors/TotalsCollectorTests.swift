import Basics
import FlashbackCollectors
import FlashbackSimulator
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct TotalsCollectorTests {
    private func account(_ configure: (inout SimulatorConfiguration) -> Void = { _ in }) throws -> CollectedAccount {
        try CollectedAccount(simulator: configure, collection: { $0.collectors = ["totals"] })
    }

    private func text(_ parsed: ParsedExposition, _ name: String, _ id: String) -> String? {
        parsed.samples(name, ["bucket_id": id]).first?.text
    }

    @Test func totalsPast2To53AreExact() async throws {
        for kind in APIDialect.TotalsKind.allCases {
            let account = try account { $0.dialect.totalsKind = kind }
            account.simulation.setTotals(
                SimulatedTotals(
                    count: .max, uploadBytes: 9_007_199_254_740_993, downloadBytes: 18_014_398_509_481_985, sizeChange: .min),
                ofBucket: account.id(0))
            let parsed = try await account.scrape()
            #expect(text(parsed, "flashback_bucket_requests_total", account.id(0)) == "9223372036854775807")
            #expect(text(parsed, "flashback_bucket_upload_bytes_total", account.id(0)) == "9007199254740993")
            #expect(text(parsed, "flashback_bucket_download_bytes_total", account.id(0)) == "18014398509481985")
            #expect(text(parsed, "flashback_bucket_size_change_bytes", account.id(0)) == "-9223372036854775808")
        }
    }

    @Test func listedBucketWithoutTotalsCountsAsZero() async throws {
        let account = try account { $0.dialect.omitsIdleBuckets = true }
        account.simulation.setTotals(SimulatedTotals(), ofBucket: account.id(0))
        let parsed = try await account.scrape()
        for name in ["requests_total", "upload_bytes_total", "download_bytes_total", "size_change_bytes"] {
            #expect(text(parsed, "flashback_bucket_\(name)", account.id(0)) == "0")
            #expect(parsed.samples("flashback_bucket_\(name)").count == 3)
        }
    }

    /// A missing bucket may be the one in an unreadable row.
    @Test func incompleteAnswerDoesNotZeroBucketsWithoutARow() async throws {
        let simulated = try account()
        let id = simulated.id(0)
        let account = try CollectedAccount(
            collection: { $0.collectors = ["totals"] },
            transport: { simulation in
                StubTransport { request throws(TransferError) in
                    guard request.url.hasSuffix("/bucket/stats") else { return try await simulation.execute(request) }
                    let body = #"{"success":true,"stats":[{"bucketId":"\#(id)","totalCount":"7"},{"totalCount":"8"}]}"#
                    return TransferResponse(status: .ok, body: Array(body.utf8))
                }
            })
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_bucket_requests_total").map(\.text) == ["7"])
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "malformed_row"]) == 1)
    }

    /// The answer is recent, but its data about this bucket is unknown.
    @Test func totalsInAnUnreadableRowAgeLikeOthers() async throws {
        let id = try account().id(0)
        let isReadable = NIOLockedValueBox(true)
        let account = try CollectedAccount(
            collection: { $0.collectors = ["totals"] },
            transport: { simulation in
                StubTransport { request throws(TransferError) in
                    guard request.url.hasSuffix("/bucket/stats") else { return try await simulation.execute(request) }
                    let name = isReadable.withLockedValue { $0 } ? "bucketId" : "unreadable"
                    let rows = #"{"bucketId":"other","totalCount":"1"},{"\#(name)":"\#(id)","totalCount":"7"}"#
                    let body = #"{"success":true,"stats":[\#(rows)]}"#
                    return TransferResponse(status: .ok, body: Array(body.utf8))
                }
            })
        func requests(after duration: Duration) async throws -> String? {
            text(try await account.scrape(after: duration), "flashback_bucket_requests_total", id)
        }
        #expect(try await requests(after: .zero) == "7")
        isReadable.withLockedValue { $0 = false }
        for _ in 0..<5 { #expect(try await requests(after: .seconds(30)) == "7") }
        #expect(try await requests(after: .seconds(1)) == nil)
        #expect(try await requests(after: .seconds(30)) == nil)
        isReadable.withLockedValue { $0 = true }
        #expect(try await requests(after: .seconds(30)) == "7")
    }

    /// The bucket's traffic may have begun earlier: a zero before the first real total would count all of it as an increase.
    @Test func bucketCountsAsZeroOnlyAfterARequestSinceItsListing() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            account.simulation.configuration.dialect.omitsIdleBuckets = true
            let engine = account.engine { $0.collectors = ["buckets", "totals"] }
            _ = try await engine.scrape()
            try await time.sleep(until: .seconds(10))
            let id = account.simulation.createBucket(name: "new")
            account.simulation.setTotals(SimulatedTotals(), ofBucket: id)
            try await time.sleep(until: .seconds(30))
            // The totals were requested together with the list that contains it for the first time.
            var page = try await engine.scrape()
            #expect(page.samples("flashback_bucket_info", ["bucket_id": id]).count == 1)
            #expect(page.samples("flashback_bucket_requests_total", ["bucket_id": id]).isEmpty)
            try await time.sleep(until: .seconds(60))
            page = try await engine.scrape()
            #expect(page.value("flashback_bucket_requests_total", ["bucket_id": id]) == 0)
        }
    }

    @Test func totalsOfUnlistedBucketsAreOmitted() async throws {
        let account = try CollectedAccount(
            buckets: 6,
            collection: {
                $0.collectors = ["totals"]
                $0.workspaceIDs = ["workspace-1"]
            })
        #expect(try await account.scrape().samples("flashback_bucket_requests_total").count == 2)
    }

    @Test func fallingTotalIsHeldUntilThreeReadingsAgree() async throws {
        let account = try account()
        let id = account.id(0)
        func upload(_ bytes: Int64) async throws -> String? {
            account.simulation.setTotals(
                SimulatedTotals(count: 5, uploadBytes: bytes, downloadBytes: 1, sizeChange: bytes), ofBucket: id)
            return text(try await account.scrape(after: .seconds(30)), "flashback_bucket_upload_bytes_total", id)
        }
        #expect(try await upload(1000) == "1000")
        #expect(try await upload(990) == "1000")
        #expect(try await upload(1010) == "1010")
        #expect(try await upload(7) == "1010")
        #expect(try await upload(8) == "1010")
        #expect(try await upload(9) == "9")
        let parsed = try await account.scrape()
        #expect((parsed.value("flashback_bucket_totals_regressions_total", ["bucket_id": id]) ?? 0) >= 3)
        #expect(text(parsed, "flashback_bucket_size_change_bytes", id) == "9")
    }

    @Test func missingOrMalformedTotalOmitsItselfOnly() async throws {
        let account = try account()
        account.simulation.faults.add(.wrongTypes(fields: ["totalUploadBytes"]), to: .bucketTotals)
        let parsed = try await account.scrape()
        #expect(parsed[family: "flashback_bucket_upload_bytes_total"] == nil)
        #expect(parsed.samples("flashback_bucket_download_bytes_total").count == 3)
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "malformed_field"]) == 3)
    }
}

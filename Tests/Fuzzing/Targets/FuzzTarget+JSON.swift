import Basics
import Foundation

@testable import FlashbackAPI
@testable import FlashbackRecording

extension FuzzTarget {
    /// Answers of the API, including those with tokens. The first byte selects the endpoint, the rest is the body.
    static let answers = FuzzTarget(
        "answers",
        seeds: bodies.enumerated().flatMap { index, body in
            // Each body with its own endpoint, and with the next one.
            [letter(index % decoders.count) + body, letter((index + 1) % decoders.count) + body]
        }, longestInput: 256 * 1024
    ) { input throws(BrokenPromise) in
        guard let first = input.first else { return }
        let body = Array(input.dropFirst())
        let isDecoded = decoders[Int(first) % decoders.count](body)
        try promise(!isDecoded || JSONScanner.isDocument(body), "an answer was decoded that is not JSON")
        _ = ErrorEnvelope(body: body)
    }

    /// Bodies in the form that a recording keeps.
    static let recordedBodies = FuzzTarget("recorded-bodies", seeds: bodies, longestInput: 256 * 1024) {
        body throws(BrokenPromise) in
        var pseudonyms = Pseudonyms()
        guard let (json, _) = BodySanitizer.sanitized(body, rows: .bucket, &pseudonyms) else {
            return try promise(!JSONScanner.isDocument(body), "a JSON document was not sanitized")
        }
        _ = JSONTree(body)
        try promise(JSONScanner.isDocument(json), "the sanitized body is not JSON")
        let exchange = RecordedExchange(method: "GET", template: nil, path: "/", query: "", status: 200, body: json)
        try promise(RecordedExchange(line: exchange.line) == exchange, "a recorded body is not read as it was written")
    }

    /// One body for each of the ``decoders``, in their order.
    private static let bodies = [
        #"""
        {"success":true,"buckets":[{"id":"b-1","name":"ph\u00f6tos","bucket":"acme","storageType":"S3","key":"AKIA","secret":{"key":"x"},
        "workspaceId":"w","region":"eu-west-1","createdAt":"2024-01-15T10:30:00.123Z","status":"ONLINE","endpoint":"https://s3.example:443/p"}]}
        """#,
        #"{"stats":[{"bucketId":"1","totalCount":"7","totalUploadBytes":"9007199254740993","dwlBytes":0,"sizeChange":-5}]}"#,
        #"{"unitId":"1","nodeStatus":[{"ip":"203.0.113.1","latency_ms":1.2e1,"version":"1.4","lastUpdated":"2024-01-15T10:30:00Z"}]}"#,
        #"{"data":[{"ip":"fe80::1","host":"*-eu.example","perc_uptime":"99.5","avg_latency_ms":12.25,"last_latency_ms":9}]}"#,
        #"[{"ip":"203.0.113.1","region":"eu","status":null,"master":true,"url":"https://x.example","version":"1.10.2"}]"#,
        #"{"data":[{"nodeId":7,"bucketId":"b","nodeStatus":"online","last_updated":"2024-01-15T10:30:00+01:00"}]}"#,
        #"{"data":[{"nodeId":"7","unitId":"b","day":1062024,"online":99.5},{"nodeId":"8","bucketId":"b","day":"1717200000000"}]}"#,
        #"{"entities":[{"entityId":"e","totals":{"uplBytes":9007199254740993,"latencyMs":"4.5"}}],"meta":{"totalEntities":1}}"#,
        #"{"data":[{"entityId":"e","entityName":"n","totals":{"totalSizeChange":-1e0}},{"entityId":"","totals":[]}]}"#,
        #"{"series":[{"ts":1717200000,"requests":1,"uplBytes":2},{"ts":1.7172e12,"sizeChange":"-3"}]}"#,
        #"""
        {"success":true,"subscription":{"id":"s","name":"Pro"},"quotaUsage":[{"capability":{"code":"STORAGE_TOTAL_BYTES","periodType":"DAILY"},
        "usage":{"limit":"18446744073709551615","current":1,"percentage":99.9}}]}
        """#,
        #"{"success":true,"data":{"balance":-1.5,"currency":"EUR"}}"#,
        #"{"repos":[{"id":"r1","name":"files","mode":"MIRROR","buckets":[{"bucketId":"b","folder":"a/b","master":false}]}]}"#,
        #"{"success":true,"stats":[{"repoId":"r1","upl_bytes":"1","dwl_bytes":0,"size_change":-5}]}"#,
        #"{"workspaces":[{"id":"w","name":"W","users":[{"id":"u","email":"a@b.example"}]}]}"#,
        #"{"success":false,"error_code":"NO_AUTH_USER","message":"line\nline","error":{"a":[[[[]]]]}}"#,
        #"{"success":true,"status":"SHAKY","latency_ms":1e300,"a":1,"b":"\ud83d\ude00","c":"\ud83d","":[true,false,null]}"#,
        #"{"success":true,"accessToken":"a.eyJleHAiOjE3MTcyMDAwMDB9.b","refresh_token":"r","refreshToken":7,"expiresAt":1.7172e12}"#,
    ]

    private static func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(decoders.count * 3 + index))) }

    private static func decoder<Asked: Endpoint>(_ endpoint: Asked) -> @Sendable ([UInt8]) -> Bool {
        { (try? endpoint.answer(from: AnswerBody($0, maximumRows: 1024))) != nil }
    }

    private static let day = UTCDay(Date(timeIntervalSince1970: 1_705_314_600))

    private static let decoders: [@Sendable ([UInt8]) -> Bool] = [
        decoder(ListBuckets()), decoder(ListBucketTotals()), decoder(ReadBucketStatus(bucketID: "b")),
        decoder(ReadBucketDailyStatistics(bucketID: "b", day: day)), decoder(ListNodes()),
        decoder(ListNodeStatuses(BucketBatch())), decoder(ListNodeDailyStatistics(BucketBatch(), day: day)),
        decoder(ReadTrafficBreakdown<TrafficByNode>(limit: 100, offset: 0)),
        decoder(ReadTrafficBreakdown<TrafficByBucket>(limit: 100, offset: 0)),
        decoder(ReadStorageStatistics(bucketID: "b", window: .days7)), decoder(ReadQuota()), decoder(ReadCreditBalance()),
        decoder(ListRepositories()), decoder(ListRepositoryTotals()), decoder(ListWorkspaces()),
        decoder(ListAvailableBuckets()), decoder(ValidateBucket(bucketID: "b")),
        // The answer to a renewal.
        { body in
            guard let fields = GrantFields(body: body) else { return false }
            if let token = fields.accessToken { _ = try? AccessToken(parsing: token, orExpiringAt: fields.expiresAt) }
            return true
        },
    ]
}

import Basics
import FlashbackAPI
import Foundation
import Testing

/// GET /bucket, whose schema declares every field optional.
@Suite struct BucketDecodingTests {
    private func buckets(_ body: String) throws -> Rows<Bucket> { try rows(ListBuckets(), body) }

    private func bucket(_ fields: String) throws -> Bucket {
        try #require(try buckets("[{\"id\":\"1\",\(fields)}]").rows.first)
    }

    @Test func rowIsRead() throws {
        let read = try buckets(
            """
            {"success":true,"buckets":[{"id":"b-1","name":"photos","bucket":"acme-photos","storageType":"S3","key":"AKIA","secret":{"key":"x"},
            "endpoint":"https://s3.example.com","region":"eu-west-1","status":"ONLINE","lastStatusAt":"2024-01-15T10:29:30.000Z",
            "createdAt":"2023-05-01T00:00:00Z","workspaceId":"w-1"}]}
            """)
        let bucket = try #require(read.rows.first)
        #expect(read.rows.count == 1 && read.malformedRows == 0 && read.malformedFields == 0)
        #expect(bucket.id == "b-1")
        #expect(bucket.name == "photos")
        #expect(bucket.cloudBucket == "acme-photos")
        #expect(bucket.storageType == .s3)
        #expect(bucket.endpoint == "https://s3.example.com")
        #expect(bucket.region == "eu-west-1")
        #expect(bucket.status == .online)
        #expect(bucket.lastStatusAt == Date(timeIntervalSince1970: 1_705_314_570))
        #expect(bucket.createdAt == Date(timeIntervalSince1970: 1_682_899_200))
        #expect(bucket.workspaceID == "w-1")
    }

    @Test(arguments: [
        #"[{"id":"1"}]"#, #"{"buckets":[{"id":"1"}]}"#, #"{"success":true,"buckets":[{"id":"1"}]}"#, #"{"data":[{"id":"1"}]}"#,
        #"{"success":null,"buckets":[{"id":"1"}],"other":{"buckets":1}}"#, #" [ {"id" : "1", "unknown":[[{}]] } ] "#,
        #"{"buckets":"none","data":[{"id":"1"}]}"#, "\u{FEFF}[{\"id\":\"1\"}]",
    ])
    func everyFormOfTheListIsRead(_ body: String) throws {
        #expect(try buckets(body).rows.map(\.id) == ["1"])
    }

    @Test(arguments: ["[]", #"{"buckets":[]}"#, #"{"success":true,"buckets":[]}"#])
    func emptyListIsValid(_ body: String) throws {
        let read = try buckets(body)
        #expect(read.rows.isEmpty && read.malformedRows == 0)
    }

    @Test(arguments: [
        "name", "bucket", "storageType", "region", "endpoint", "workspaceId", "status", "lastStatusAt", "createdAt",
    ])
    func missingAndNullFieldsAreNotCounted(_ field: String) throws {
        for body in ["[{\"id\":\"1\"}]", "[{\"id\":\"1\",\"\(field)\":null}]"] {
            let read = try buckets(body)
            #expect(read.rows.count == 1 && read.malformedFields == 0 && read.malformedRows == 0)
        }
        let bucket = try #require(try buckets("[{\"id\":\"1\"}]").rows.first)
        #expect(bucket.name == nil && bucket.status == nil && bucket.createdAt == nil && bucket.storageType == nil)
    }

    @Test(arguments: [
        "name", "bucket", "storageType", "region", "endpoint", "workspaceId", "status", "lastStatusAt", "createdAt",
    ])
    func fieldOfTheWrongKindDropsItselfOnly(_ field: String) throws {
        for value in ["1", "true", "[]", "{}", "[\"x\"]", "1.5"] {
            let read = try buckets("[{\"id\":\"1\",\"\(field)\":\(value)},{\"id\":\"2\",\"name\":\"b\"}]")
            #expect(read.rows.map(\.id) == ["1", "2"])
            #expect(read.rows[1].name == "b")
            #expect(read.malformedFields == 1 && read.malformedRows == 0, "\(field): \(value)")
        }
    }

    @Test(arguments: ["{}", "null", "1", "\"x\"", "[]", "true", #"{"id":null}"#, #"{"id":""}"#, #"{"name":"x"}"#])
    func rowWithoutIdentityDropsItselfOnly(_ row: String) throws {
        let read = try buckets("[{\"id\":\"1\"},\(row),{\"id\":\"2\"}]")
        #expect(read.rows.map(\.id) == ["1", "2"])
        #expect(read.malformedRows == 1)
        #expect(read.malformedFields == 0)
    }

    @Test func identityOfTheWrongKindIsCounted() throws {
        let read = try buckets(#"[{"id":1},{"id":"2"}]"#)
        #expect(read.rows.map(\.id) == ["2"])
        #expect(read.malformedRows == 1 && read.malformedFields == 1)
    }

    @Test(arguments: [
        ("2024-01-15T10:30:00Z", 1_705_314_600.0), ("2024-01-15T10:30:00.5Z", 1_705_314_600.5),
        ("2024-01-15T10:30:00.123456Z", 1_705_314_600.123456),
        ("2024-01-15T12:30:00+02:00", 1_705_314_600), ("2024-01-15T12:30:00.000+0200", 1_705_314_600),
        ("1970-01-01T00:00:00Z", 0),
    ])
    func timesAreRead(_ text: String, _ seconds: Double) throws {
        let date = try #require(try bucket("\"createdAt\":\"\(text)\"").createdAt)
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.001)
    }

    @Test(arguments: ["", "yesterday", "2024-01-15", "2024-01-15T10:30:00", "2024-13-01T00:00:00Z", "1705314600"])
    func invalidTimesAreCounted(_ text: String) throws {
        let read = try buckets("[{\"id\":\"1\",\"createdAt\":\"\(text)\"}]")
        #expect(read.rows.first?.createdAt == nil)
        #expect(read.malformedFields == 1)
    }

    @Test(arguments: [
        ("S3", StorageType.s3, "S3"), ("s3", .s3, "S3"), ("GCS", .gcs, "GCS"), ("BLOB", .blob, "BLOB"), ("AZURE", .blob, "BLOB"),
        ("azure", .blob, "BLOB"), ("AKAVE", .other("AKAVE"), "AKAVE"), ("", .other(""), ""),
    ])
    func storageTypesAreRead(_ word: String, _ type: StorageType, _ description: String) throws {
        #expect(try bucket("\"storageType\":\"\(word)\"").storageType == type)
        #expect(type.description == description)
    }

    @Test(
        arguments: [
            ("https://s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com"), ("minio:9000", "minio:9000"),
            ("s3.example.com/path", "s3.example.com/path"), ("//host/a", "//host/a"),
            ("http://[::1]:9000/", "http://[::1]:9000/"),
            ("https://user:secret@host/path", "https://host/path"), ("https://a@b@host:9000?x", "https://host:9000"),
            ("https://a@host?x=@", nil),
            ("KEY:SECRET@host:9000", "host:9000"), ("KEY:SECRET@host", nil), ("KEY:SECRET", nil), ("SECRET", nil),
            ("https://host/path?sig=SECRET", "https://host/path"), ("https://host/path#SECRET", "https://host/path"),
            ("host.example?sig=SECRET", "host.example"), ("https://host/path;sig=SECRET", nil),
            ("https://host/path&sig=SECRET", nil),
            ("http://x//u:SECRET@h", nil), ("http://x/https://u:SECRET@h", nil), ("u:SECRET@h//x", nil),
            ("h.example//u:SECRET@h", nil),
            ("https://KEY:SEC/RET@host", nil), ("https://KEY:123/SECRET@host", nil), ("https://KEY:12?SECRET@host", nil),
            ("https://host:port", nil), ("https://host:", nil), ("https://host:123456", nil), ("https://", nil),
            ("https:///path", nil),
            ("https:host", nil), ("1https://host", nil), ("://host", nil), ("https://h o.st", nil), ("https://hö.st", nil),
            ("", nil),
            ("https://host/%3Fsig%3DSECRET", nil), ("[::1", nil), ("https://[]", nil), ("https://[::1]x", nil),
            ("https://.", nil),
            ("abfss://container@account.dfs.core.windows.net/x", "abfss://account.dfs.core.windows.net/x"),
        ] as [(String, String?)])
    func endpointIsSchemeHostAndPath(_ url: String, _ exported: String?) throws {
        #expect(try bucket("\"endpoint\":\"\(url)\"").endpoint == exported)
    }

    @Test(arguments: [
        ("ONLINE", ReachabilityStatus.online), ("online", .online), ("Active", .online), ("RUNNING", .online),
        ("OFFLINE", .offline),
        ("inactive", .offline), ("stopped", .offline), ("DISCONNECTED", .disconnected), ("ERROR", .disconnected),
        ("DEGRADED", .unknown(word: "DEGRADED")), ("", .unknown(word: "")), (" online", .unknown(word: " online")),
        ("ONLİNE", .unknown(word: "ONLİNE")),
    ])
    func statusWordsAreMapped(_ word: String, _ status: ReachabilityStatus) throws {
        #expect(ReachabilityStatus(word: word) == status)
        #expect(try bucket("\"status\":\"\(word)\"").status == status)
    }
}

import Basics
import FlashbackAPI
import Testing

/// GET /user/quota.
@Suite struct QuotaDecodingTests {
    private func quota(_ rows: String, subscription: String = #"{"id":"s","name":"Pro"}"#) throws -> Quota {
        let body = #"{"success":true,"subscription":\#(subscription),"quotaUsage":[\#(rows)]}"#
        return try ReadQuota().answer(from: AnswerBody(Array(body.utf8)))
    }

    private func usage(_ fields: String) throws -> (row: CapabilityUsage?, counts: [Int]) {
        let rows = try quota(#"{"capability":{"code":"C","periodType":"DAILY"},"usage":{\#(fields)}}"#).usage
        return (rows.rows.first, [rows.malformedFields, rows.outOfRangeFields])
    }

    @Test func theDocumentedExampleIsRead() throws {
        let quota = try quota(
            #"""
            {"capability":{"id":"1","code":"STORAGE_TOTAL_BYTES","description":"d","type":"STORAGE","periodType":"ALL_TIME"},
             "usage":{"current":57,"max":1000,"percentage":6}}
            """#)
        #expect(quota.subscription?.id == "s" && quota.subscription?.name == "Pro")
        let row = try #require(quota.usage.rows.first)
        #expect(row.id.code == "STORAGE_TOTAL_BYTES" && row.id.period == "all_time")
        #expect(row.used == .integer(57) && row.limit == .integer(1000))
        #expect(quota.usage.malformedFields == 0)
    }

    @Test(arguments: [
        #""current":9007199254740993,"max":9223372036854775807"#, #""current":"9007199254740993","max":"9223372036854775807""#,
        #""max":9223372036854775807,"x":{"current":1},"current":"9007199254740993","current":1"#,
    ])
    func everySpellingIsRead(_ fields: String) throws {
        let (row, counts) = try usage(fields)
        #expect(row?.used == .integer(9_007_199_254_740_993) && row?.limit == .integer(.max) && counts == [0, 0])
    }

    @Test func amountsBeyond64BitsAreRounded() throws {
        let (row, counts) = try usage(#""current":"1e30","max":99999999999999999999"#)
        #expect(row?.used == .real(1e30) && row?.limit == .real(1e20) && counts == [0, 0])
    }

    @Test(arguments: [
        (#""current":-1,"max":10"#, [0, 1]), (#""current":true,"max":10"#, [1, 0]), (#""current":[5],"max":10"#, [1, 0]),
        (#""current":"many","max":10"#, [1, 0]), (#""current":null,"max":10"#, [0, 0]), (#""max":10"#, [0, 0]),
    ])
    func malformedAmountAffectsNoOtherField(_ fields: String, _ expected: [Int]) throws {
        let (row, counts) = try usage(fields)
        #expect(row?.used == nil && row?.limit == .integer(10) && counts == expected)
    }

    @Test(arguments: ["null", "7", "[]", #""usage""#])
    func withoutUsageOnlyTheIdentityIsKnown(_ usage: String) throws {
        let rows = try quota(#"{"capability":{"code":"C"},"usage":\#(usage)}"#).usage
        #expect(rows.rows.first?.id.code == "C" && rows.rows.first?.id.period == "")
        #expect(rows.rows.first?.used == nil && rows.malformedFields == (usage == "null" ? 0 : 1))
    }

    @Test(arguments: ["{}", #"{"capability":null}"#, #"{"capability":"C"}"#, #"{"capability":{"code":""}}"#, "[]", "7"])
    func aRowWithoutACodeIsDropped(_ row: String) throws {
        let rows = try quota(#"\#(row),{"capability":{"code":"C"}}"#).usage
        #expect(rows.rows.map(\.id.code) == ["C"] && rows.malformedRows == 1)
    }

    @Test func noQuotasAreNoFault() throws {
        #expect(try quota("").usage.rows.isEmpty)
        #expect(throws: UnreadableAnswer.missingList(name: "quotaUsage")) {
            try ReadQuota().answer(from: AnswerBody(Array(#"{"success":true,"subscription":{"id":"s"}}"#.utf8)))
        }
    }

    @Test(arguments: [("null", 0), ("[]", 1), (#""Pro""#, 1), (#"{"name":"Pro"}"#, 1), (#"{"id":7}"#, 2)])
    func malformedSubscriptionAffectsNoQuota(_ subscription: String, _ malformed: Int) throws {
        let quota = try quota(#"{"capability":{"code":"C"},"usage":{"current":1}}"#, subscription: subscription)
        #expect(quota.subscription == nil && quota.usage.malformedFields == malformed)
        #expect(quota.usage.rows.first?.used == .integer(1))
    }

    /// The order of the members must not matter.
    @Test func theSubscriptionMayFollowTheList() throws {
        let body = #"{"quotaUsage":[{"capability":{"code":"C"}}],"subscription":{"id":"s"}}"#
        #expect(try ReadQuota().answer(from: AnswerBody(Array(body.utf8))).subscription?.id == "s")
    }
}

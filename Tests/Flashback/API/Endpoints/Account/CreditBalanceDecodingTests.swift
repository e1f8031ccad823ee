import Basics
import FlashbackAPI
import Foundation
import Testing

/// GET /credits/balance.
@Suite struct CreditBalanceDecodingTests {
    private func credits(_ data: String) throws(UnreadableAnswer) -> Rows<CreditBalance> {
        try ReadCreditBalance().answer(from: AnswerBody(Array(#"{"success":true,"data":\#(data)}"#.utf8)))
    }

    @Test(arguments: [
        #"{"creditBalance":1000.5,"dateBalance":"2024-01-15T00:00:00.000Z","realtimeBalance":990,"pendingConsumption":10.5,"breakdown":{"storage":10,"ai":0.5}}"#,
        #"{"creditBalance":"1000.5","dateBalance":"2024-01-15","realtimeBalance":"990","pendingConsumption":"10.5","breakdown":{"storage":"10","ai":"0.5"}}"#,
    ])
    func everySpellingIsRead(_ data: String) throws {
        let rows = try credits(data)
        let balance = try #require(rows.rows.first)
        #expect(balance.balance == .real(1000.5) && balance.realtimeBalance == .integer(990))
        #expect(balance.pendingConsumption == .real(10.5) && balance.storage == .integer(10) && balance.ai == .real(0.5))
        #expect(balance.appliedAt?.timeIntervalSince1970 == 1_705_276_800)
        #expect(rows.malformedFields == 0 && rows.outOfRangeFields == 0)
    }

    @Test func aBalanceMayBeNegativeOrVast() throws {
        let balance = try credits(#"{"creditBalance":-9007199254740993,"realtimeBalance":1e30}"#).rows.first
        #expect(balance?.balance == .integer(-9_007_199_254_740_993) && balance?.realtimeBalance == .real(1e30))
    }

    @Test func missingFieldsAreNoFault() throws {
        let rows = try credits(#"{"creditBalance":5,"dateBalance":null,"breakdown":null}"#)
        #expect(rows.rows.first?.balance == .integer(5) && rows.rows.first?.appliedAt == nil && rows.malformedFields == 0)
    }

    @Test(arguments: [
        #"{"creditBalance":5,"pendingConsumption":"much"}"#, #"{"creditBalance":5,"dateBalance":"yesterday"}"#,
        #"{"creditBalance":5,"dateBalance":"2024-13-01"}"#, #"{"creditBalance":5,"dateBalance":1705276800}"#,
        #"{"creditBalance":5,"breakdown":[1]}"#, #"{"creditBalance":5,"breakdown":{"ai":{}}}"#,
        #"{"creditBalance":5,"realtimeBalance":true}"#,
    ])
    func malformedFieldAffectsNoOtherField(_ data: String) throws {
        let rows = try credits(data)
        #expect(rows.rows.first?.balance == .integer(5) && rows.malformedFields == 1)
    }

    @Test(arguments: ["{}", "null", "[]", "7", #"{"creditBalance":"much"}"#, #"{"creditBalance":1e999}"#])
    func withoutABalanceThereIsNoAnswer(_ data: String) {
        #expect(throws: UnreadableAnswer.missingObject(name: "data")) { try credits(data) }
    }
}

/// GET /workspace.
@Suite struct WorkspaceDecodingTests {
    @Test(arguments: [
        #"{"success":true,"workspaces":[{"id":"w","name":"Team","orgId":"o","users":[{"userId":"u","user":{"id":"x","name":"y"}}]}]}"#,
        #"{"data":[{"users":null,"name":"Team","id":"w"}]}"#, #"[{"id":"w","name":"Team"}]"#,
    ])
    func idAndNameAreRead(_ body: String) throws {
        let rows: Rows<Workspace> = try rows(ListWorkspaces(), body)
        #expect(rows.rows.map(\.id) == ["w"] && rows.rows.map(\.name) == ["Team"])
        #expect(rows.malformedFields == 0 && rows.malformedRows == 0)
    }

    @Test func aRowWithoutAnIdentifierIsDropped() throws {
        let rows: Rows<Workspace> = try rows(ListWorkspaces(), #"[{"name":"a"},{"id":"w","name":7}]"#)
        #expect(rows.rows.map(\.id) == ["w"] && rows.rows.first?.name == nil)
        #expect(rows.malformedRows == 1 && rows.malformedFields == 1)
    }
}

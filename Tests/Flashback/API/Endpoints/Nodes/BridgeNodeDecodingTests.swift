import Basics
import FlashbackAPI
import Foundation
import Testing

/// GET /node.
@Suite struct BridgeNodeDecodingTests {
    private func nodes(_ body: String) throws -> Rows<BridgeNode> { try rows(ListNodes(), body) }

    @Test(arguments: [
        #"{"success":true,"data":[{"ip":"n","status":"ONLINE","latencyMs":12,"lastUpdated":"2024-01-15T10:30:00Z","url":"https://h.example"}],"total":1}"#,
        #"[{"ip":"n","status":"active","latency_ms":"12","last_updated":"2024-01-15T10:30:00Z","host":"h.example"}]"#,
        #"[{"ip":"n","nodeStatus":"running","latencyMs":12,"lastUpdated":"2024-01-15T10:30:00Z","endpoint":"//h.example/path"}]"#,
    ])
    func everyFormAndSpellingIsRead(_ body: String) throws {
        let read = try nodes(body)
        let node = try #require(read.rows.first)
        #expect(node.node == "n" && node.status == .online && node.latencyMilliseconds == 12)
        #expect(node.lastUpdated == Date(timeIntervalSince1970: 1_705_314_600))
        #expect(node.host == "h.example")
        #expect(read.malformedFields == 0)
    }

    @Test(
        arguments: [
            ("https://s3-eu.example:8443/x?sig=SECRET", "s3-eu.example:8443"), ("https://KEY:SECRET@h.example/", "h.example"),
            ("KEY:SECRET", nil), ("", nil), ("https://KEY:SEC/RET@host", nil), ("http://[::1]:9000/", "[::1]:9000"),
            ("h.example/SECRET", "h.example"),
        ] as [(String, String?)])
    func addressIsReducedToItsHost(_ url: String, _ host: String?) throws {
        #expect(try nodes(#"[{"ip":"n","url":"\#(url)"}]"#).rows.first?.host == host)
    }

    @Test func hostileValuesAffectNoOtherFields() throws {
        let read = try nodes(
            #"[{"ip":"n","region":7,"version":[],"status":{},"latencyMs":-1,"lastUpdated":"soon"},{"region":"x"},{"ip":"m"}]"#)
        #expect(read.rows.map(\.node) == ["n", "m"])
        #expect(read.malformedRows == 1 && read.malformedFields == 4 && read.outOfRangeFields == 1)
    }
}

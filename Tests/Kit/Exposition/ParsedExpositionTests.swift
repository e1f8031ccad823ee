import TestSupport
import Testing

/// The parser that other tests rely on must reject malformed input.
@Suite struct ParsedExpositionTests {
    private static let header = "# HELP a A.\n# TYPE a gauge\n"

    @Test func validTextIsParsed() throws {
        let parsed = try ParsedExposition(Array((Self.header + "a{b=\"c\\\"\\\\\\n\",d=\"\"} -1.5e3\na NaN\n").utf8))
        #expect(parsed.samples("a").count == 2)
        #expect(parsed.value("a", ["d": ""]) == -1500)
        #expect(parsed.samples("a")[0].labels == ["b": "c\"\\\n", "d": ""])
        #expect(parsed.samples("a")[1].value.isNaN)
    }

    @Test(arguments: [
        "a 1\n", "# TYPE a gauge\na 1\n", header, header + "a 1", header + "a 1\na 2\n", header + "a{x=\"1\"} 1\na{x=\"1\"} 1\n",
        header + "b 1\n", header + "a inf\n", header + "a nan\n", header + "a\n", header + "a  1\n", header + "a{} 1\n",
        header + "a{x=\"1\",} 1\n", header + "a{x=\"1} 1\n", header + "a{x=\"\\t\"} 1\n", header + "a{x=\"1\",x=\"2\"} 1\n",
        header + "a{0=\"1\"} 1\n", header + "a 1\n" + header + "a{x=\"1\"} 1\n", header + "\na 1\n", header + "a 1 2 3\n",
        "# HELP a \\t\n# TYPE a gauge\na 1\n", "# HELP a A.\n# TYPE a summary\na 1\n", "# HELP a A.\n# TYPE b gauge\nb 1\n",
    ])
    func invalidTextIsRefused(_ body: String) {
        #expect(throws: ParsedExposition.Malformed.self) { try ParsedExposition(Array(body.utf8)) }
    }
}

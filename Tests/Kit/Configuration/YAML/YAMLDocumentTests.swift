import Configuration
import Testing

@Suite struct YAMLDocumentTests {
    private func read(_ text: String, limits: YAMLLimits = YAMLLimits()) throws -> YAMLNode {
        try YAMLDocument.read(Array(text.utf8), limits: limits)
    }

    private func error(_ text: String, limits: YAMLLimits = YAMLLimits()) -> String? {
        do throws(YAMLError) {
            _ = try YAMLDocument.read(Array(text.utf8), limits: limits)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The tree as text in one line.
    private func shown(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let scalar): scalar.isPlain ? scalar.text : "'\(scalar.text)'"
        case .sequence(let elements): "[" + elements.map(shown).joined(separator: ", ") + "]"
        case .mapping(let entries): "{" + entries.map { "\($0.key): \(shown($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    @Test(
        arguments: [
            ("", ""), ("# only a remark\n", ""), ("---\n", ""),
            ("a: 1\nb: [x, 'y']\nc:\n  d: |\n    1\n    2\n", "{a: 1, b: [x, 'y'], c: {d: '1\n2\n'}}"),
            ("- a\n- {b: c}\n- []\n- {}\n", "[a, {b: c}, [], {}]"), ("{a: b, \"c d\": e}", "{a: b, c d: e}"),
            ("a: &x [1, 2]\nb: *x\n", "{a: [1, 2], b: [1, 2]}"), ("a: !!str yes\nb: ! 1\n", "{a: 'yes', b: '1'}"),
            ("a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}\n", "{a: {b: 1, c: 2}, d: {c: 3, b: 1}}"),
            ("d: {<<: [{a: 1}, {a: 2, b: 3}]}\n", "{d: {a: 1, b: 3}}"), ("'<<': 1\n", "{<<: 1}"),
            ("a: b\r\nc: d\r\n", "{a: b, c: d}"),
            ("\u{FEFF}a: b\n", "{a: b}"), ("%YAML 1.1\n---\na: b\n...\n", "{a: b}"),
        ])
    func yamlIsParsed(_ text: String, _ tree: String) throws {
        #expect(shown(try read(text)) == tree)
    }

    @Test func nodesHaveTheirPosition() throws {
        let root = try read("# one\nfirst: 1\nsecond:\n  ünicode: x\n  third: [4, 5]\n")
        let entries = try root.entries(of: "root")
        #expect(entries[0].keyPosition == YAMLPosition(line: 2, column: 1))
        #expect(entries[0].value.position == YAMLPosition(line: 2, column: 8))
        let inner = try entries[1].value.entries(of: "second")
        #expect(inner[0].value.position == YAMLPosition(line: 4, column: 12))
        #expect(try inner[1].value.elements(of: "third")[1].position == YAMLPosition(line: 5, column: 14))
    }

    @Test(
        arguments: [
            ("a: b: c\n", "line 1, column 5: not valid YAML: mapping values are not allowed in this context"),
            ("a: [b\n", "line 2, column 1: not valid YAML: did not find expected ',' or ']'"),
            ("a:\n\t- b\n", "line 2, column 1: not valid YAML: found character that cannot start any token"),
            ("a: 1\nb: \"x\n", "line 3, column 1: not valid YAML: found unexpected end of stream"),
            ("a: 1\nb: \u{1}\n", "line 2, column 4: not valid YAML: control characters are not allowed"),
            ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key \"a\" is given twice"),
            ("a: 1\n---\nb: 2\n", "line 2, column 1: a second document begins here; only one is supported"),
            ("? [a]\n: b\n", "line 1, column 3: a key must be a single value"),
            ("a: *x\n", "line 1, column 4: *x has no &x before it"),
            ("a: &x\n  b: *x\n", "line 2, column 6: *x contains itself"),
            ("a: !secret b\n", "line 1, column 4: the tag \"!secret\" is not supported"),
            ("a: !!binary b\n", "line 1, column 4: the tag \"tag:yaml.org,2002:binary\" is not supported"),
            ("a: !!map {}\n", "line 1, column 4: the tag \"tag:yaml.org,2002:map\" is not supported"),
            ("a: {<<: b}\n", "line 1, column 9: << merges mappings, and this is a single value"),
            ("a: {<<: [b]}\n", "line 1, column 10: << merges mappings, and this is a single value"),
        ])
    func errorsHaveTheirPosition(_ text: String, _ message: String) {
        #expect(error(text) == message)
    }

    @Test func invalidTextIsAnErrorWithItsPosition() {
        do throws(YAMLError) {
            _ = try YAMLDocument.read(Array("a: 1\nb: ".utf8) + [0xC3, 0x28])
            Issue.record("it was read")
        } catch {
            #expect("\(error)" == "line 2, column 5: not valid YAML: invalid trailing UTF-8 octet")
        }
    }

    @Test func aliasesCannotExpandWithoutBound() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        #expect(error(text) == "line 5, column 10: more than 20000 values")
    }

    @Test func depthAndSizeAreBounded() throws {
        var limits = YAMLLimits()
        limits.depth = 3
        _ = try read("[[[x]]]", limits: limits)
        #expect(error("[[[[x]]]]", limits: limits) == "line 1, column 4: lists and mappings are nested more than 3 deep")
        // At absurd depths, libyaml's own limit applies first.
        #expect(error(String(repeating: "[", count: 100_000)) != nil)
        limits.bytes = 10
        #expect(error("a: 12345678", limits: limits) == "line 1, column 1: the text is longer than 10 bytes")
    }

    @Test func descriptionsHideValues() throws {
        let root = try read("a: canary\nb: [canary]\n")
        var dumped = ""
        dump(root, to: &dumped)
        #expect(!(dumped + "\(root)" + String(reflecting: root)).contains("canary"))
    }
}

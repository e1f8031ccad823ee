import Configuration
import Testing

@Suite struct YAMLValueTests {
    private enum Key: String, CaseIterable {
        case certificate = "cert_file"
        case key = "key_file"
        case minimum = "min_version"
    }

    private func node(_ text: String) throws -> YAMLNode { try YAMLDocument.read(Array(text.utf8)) }

    private func error<Result>(_ body: () throws -> Result) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
    func trueValues(_ text: String) throws {
        #expect(try node(text).boolean(of: "x"))
    }

    @Test(arguments: ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
    func falseValues(_ text: String) throws {
        #expect(try !node(text).boolean(of: "x"))
    }

    @Test(arguments: ["'true'", "!!str yes", "1", "0", "yEs", "tRUE", "wahr", "~", "[true]", "{a: true}"])
    func nonBooleansAreRefused(_ text: String) throws {
        let node = try node(text)
        #expect(error { try node.boolean(of: "http2") }?.contains("http2 must be true or false, without quotes") == true)
    }

    @Test(arguments: [("0", 0), ("20", 20), ("-3", -3), ("9223372036854775807", .max)])
    func integersAreParsed(_ text: String, _ number: Int) throws {
        #expect(try node(text).integer(of: "x") == number)
    }

    @Test(arguments: ["'1'", "010", "0x10", "1.5", "1e3", "1_000", "--1", "-", "+1", "9223372036854775808", "", "[1]", "١"])
    func nonIntegersAreRefused(_ text: String) throws {
        let node = try node(text)
        #expect(error { try node.integer(of: "burst") }?.contains("burst must be a whole number") == true)
    }

    @Test(arguments: [("1", "1"), ("true", "true"), ("'~'", "~"), ("\"\"", ""), ("a b", "a b"), ("1.50", "1.50")])
    func anyScalarIsAText(_ text: String, _ value: String) throws {
        #expect(try node(text).text(of: "x") == value)
    }

    @Test func otherKindsAreErrorsWithTheirPosition() throws {
        let (list, mapping, nothing) = (try node("\n\n  - a"), try node("a: b"), try node("~"))
        #expect(error { try list.text(of: "cert") } == "line 3, column 3: cert must be a string, not a list")
        #expect(error { try mapping.elements(of: "suites") } == "line 1, column 1: suites must be a list, not a mapping")
        #expect(
            error { try list.entries(of: "users") }
                == "line 3, column 3: users must be a mapping of keys to values, not a list")
        #expect(error { try nothing.text(of: "cert") } == "line 1, column 1: cert must be a string, not null")
        #expect(try nothing.elements(of: "x").isEmpty)
        #expect(try nothing.entries(of: "x").isEmpty)
    }

    @Test func keysOfAMappingAreListed() throws {
        let fields = try YAMLFields(try node("cert_file: a\nkey_file: ~\n"), in: "tls", keys: Key.self)
        #expect(try fields[.certificate]?.text(of: "cert_file") == "a")
        #expect(fields[.key] == nil)
        #expect(fields[.minimum] == nil)
        #expect(!fields.isEmpty)
        #expect(try YAMLFields(try node(""), in: "tls", keys: Key.self).isEmpty)
    }

    @Test(
        arguments: [
            ("cert_filse: x", "line 1, column 1: tls has no key \"cert_filse\"; did you mean cert_file?"),
            ("a: 1\n", "line 1, column 1: tls has no key \"a\"; known: cert_file, key_file, min_version"),
            ("key_file: x\nMin_Versoin: x", "line 2, column 1: tls has no key \"Min_Versoin\"; did you mean min_version?"),
            ("min: x", "line 1, column 1: tls has no key \"min\"; known: cert_file, key_file, min_version"),
            ("cert: x", "line 1, column 1: tls has no key \"cert\"; did you mean cert_file?"),
            ("\"key\\nfile\": x", "line 1, column 1: tls has no key \"key\u{FFFD}file\"; did you mean key_file?"),
            ("[a]", "line 1, column 1: tls must be a mapping of keys to values, not a list"),
            ("word", "line 1, column 1: tls must be a mapping of keys to values"),
        ])
    func unknownKeyErrorNamesTheNearest(_ text: String, _ message: String) throws {
        let node = try node(text)
        #expect(error { try YAMLFields(node, in: "tls", keys: Key.self) } == message)
    }
}

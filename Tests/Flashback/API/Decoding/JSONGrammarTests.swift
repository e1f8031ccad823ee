import FlashbackAPI
import Testing

/// Corner cases of RFC 8259.
@Suite struct JSONGrammarTests {
    private func reading(_ body: String) -> Reading { Reading(Array(body.utf8)) }

    /// The value of the field and the number of malformed fields; nil if the body is not JSON.
    private func field(_ name: String, _ value: String) -> (row: ProbedRow, malformed: Int)? {
        guard case .rows(let rows, _, let malformed) = reading("[{\"id\":\"1\",\"\(name)\":\(value)}]"), let row = rows.first
        else {
            return nil
        }
        return (row, malformed)
    }

    private static let faults = [
        "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1:2]", "[\"a\":1]", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}",
        "{,}", "{\"a\" 1}", "{\"a\",1}", "{\"a\":1,,}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{[]:1}",
        "[}", "{]", "[1}", "{\"a\":1]", "[[1]", "[1]]", "[1]x", "[1],", "[1] [2]", "{} {}", "nul", "nulll", "tru", "True", "TRUE",
        "fals", "falsey", "nan", "NaN", "Infinity", "-Infinity", "undefined", "\"", "\"a", "\"\\\"", "\"\\", "\"\\u", "\"\\u12",
        "\"\\u12\"", "a", "'a'", "`a`", "/**/1", "1//", "#", "\u{FEFF}", "\u{FEFF}\u{FEFF}[]", "[]\u{FEFF}", "\u{A0}[]",
        "[\u{2028}]",
        "\u{C}[]", "\u{B}[]", "\u{0}[]", "[]\u{0}", "[\u{0}]", ",", ":", "[:]", "{:}", "{\"a\":b}", "[+1]", "[.5]", "[0x10]",
        "[1_000]",
        "[1a]", "[tru]", "[nulll]", "[\"a\" \"b\"]", "[\"a\\]", "{\"a\\\":1}", "\\", "\\u0031", "[\\u0031]", "*", "&", "$",
        "\u{1}",
    ]

    @Test(arguments: faults)
    func invalidDocumentsAreRefused(_ body: String) {
        #expect(reading(body) == .failure(.notJSON))
    }

    @Test(arguments: faults)
    func invalidValuesOfSkippedFieldsAreRefused(_ value: String) {
        #expect(reading("[{\"id\":\"1\",\"unknown\":[\(value)]}]").isNoJSON)
        #expect(reading("{\"unknown\":{\"x\":\(value)},\"buckets\":[{\"id\":\"1\"}]}").isNoJSON)
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "1e5", "\"\"", "\"\\u0000\"", "[]", "{}", " [ ] ", "\t{\r}\n", "[[[[]]]]",
        "[{},[],\"\",0]",
        "{\"\":0}", "{\"a\":1,\"a\":2}", "\"\u{7F}\"", "\"\u{2028}\"", "\"\u{10FFFF}\"", "{\"\\u0061\":[1,{\"b\":[]}]}",
    ])
    func validDocumentsAreAccepted(_ value: String) {
        #expect(!reading(value).isNoJSON)
        guard case .rows(let rows, 0, 0) = reading("[{\"unknown\":\(value),\"id\":\"1\"}]") else {
            Issue.record("the row was not read")
            return
        }
        #expect(rows.map(\.id) == ["1"])
    }

    @Test(arguments: [
        "\"\"": "", #""\"\\\/\b\f\n\r\t""#: "\"\\/\u{8}\u{C}\n\r\t", #""\u0041\u00e9\u20AC""#: "Aé€", #""\uD83D\uDE00""#: "😀",
        #""\u0000""#: "\0", #""\ud800\udc00""#: "\u{10000}", #""\udbff\udfff""#: "\u{10FFFF}", "\"\u{FFFF}\"": "\u{FFFF}",
        #""\\u0041""#: "\\u0041", "\"\u{7F}\"": "\u{7F}", #""\uFFFF""#: "\u{FFFF}", #""a\/b""#: "a/b",
    ])
    func stringsAreRead(_ value: String, _ text: String) throws {
        let read = try #require(field("name", value))
        #expect(read.row.name.map { Array($0.utf8) } == Array(text.utf8))
        #expect(read.malformed == 0)
    }

    @Test(arguments: [
        #""\x""#, #""\U0041""#, #""\u004""#, #""\u00g0""#, #""\u 041""#, #""\u+041""#, #""\ud800""#, #""\udc00""#,
        #""\ud800\u0041""#,
        #""\ud800x""#, #""\ud800\ud800""#, #""\0""#, #""\'""#, #""\a""#, "\"\u{1}\"", "\"\t\"", "\"\n\"", "\"\u{1F}\"",
        "\"\\\u{1}\"",
        #""\é""#, #""\uＦＦＦＦ""#,
    ])
    func invalidStringsAreRefused(_ value: String) {
        guard let read = field("name", value) else { return }
        #expect(read.row.name == nil && read.malformed == 1)
    }

    @Test(
        arguments: [
            ("0", 0, 0), ("-0", 0, 0), ("12", 12, 12), ("-1", -1, -1), ("1.0", 1, 1), ("1.5", nil, 1.5), ("1e3", 1000, 1000),
            ("1E+3", 1000, 1000), ("1200e-2", 12, 12), ("1.25e2", 125, 125), ("12e-1", nil, 1.2), ("0e5", 0, 0),
            ("0e99999999999", 0, 0),
            ("9007199254740993", 9_007_199_254_740_993, 9_007_199_254_740_992),
            ("9007199254740993.0", 9_007_199_254_740_993, 9_007_199_254_740_992),
            ("9223372036854775807", .max, 9_223_372_036_854_775_808), ("-9223372036854775808", .min, -9_223_372_036_854_775_808),
            ("9223372036854775808", nil, 9_223_372_036_854_775_808), ("1e18", 1_000_000_000_000_000_000, 1e18),
            ("1e19", nil, 1e19),
            ("1e400", nil, nil), ("-1e400", nil, nil), ("1e-400", nil, nil), ("5e-324", nil, .leastNonzeroMagnitude),
            ("1e99999999999", nil, nil),
            ("1e-99999999999", nil, nil), ("0.1", nil, 0.1), ("-12.50", nil, -12.5),
        ] as [(String, Int64?, Double?)])
    func numbersAreRead(_ value: String, _ integer: Int64?, _ number: Double?) throws {
        let whole = try #require(field("totalCount", value))
        #expect(whole.row.total == integer)
        #expect(whole.malformed == (integer == nil ? 1 : 0))
        let real = try #require(field("latency_ms", value))
        #expect(real.row.latency == number)
        #expect(real.malformed == (number == nil ? 1 : 0))
    }

    @Test(arguments: [
        "01", "-01", "00", "-", "--1", "1.", "-1.", "1.e5", "1e", "1e+", "1E-", "1.5.5", "1e5e5", "1e5.5", "1-1", "1+1", "+1",
        ".5", "-.5",
        "0x10", "1_0", "1a", "Infinity", "-Infinity", "NaN", "1e1+", "0.e1", "-e1", "1\u{FF11}", "0-", "1e--1",
    ])
    func invalidNumbersAreRefused(_ value: String) {
        for name in ["totalCount", "latency_ms"] {
            guard let read = field(name, value) else { continue }
            #expect(read.row.total == nil && read.row.latency == nil && read.malformed == 1)
        }
    }

    @Test func longNumberDoesNotCrash() throws {
        let digits = String(repeating: "9", count: 100_000)
        let read = try #require(field("latency_ms", "0." + digits))
        #expect(read.row.latency == 1)
        for value in [digits, "-" + digits, "1e" + digits, "1e-" + digits, digits + "." + digits] {
            #expect(try #require(field("totalCount", value)).row.total == nil)
            #expect(try #require(field("latency_ms", value)).row.latency == nil)
        }
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}"), ("[[],{\"a\":", "}]")])
    func excessiveDepthIsRefused(_ opening: String, _ closing: String) {
        for count in [100, 252, 256, 509, 510, 511, 512, 513, 514, 5000] {
            let value = String(repeating: opening, count: count) + "1" + String(repeating: closing, count: count)
            for body in [value, "[{\"id\":\"1\",\"name\":\(value)}]", "{\"x\":\(value),\"buckets\":[{\"id\":\"1\",\"x\":[]}]}"] {
                #expect(reading(body) == Reading(byFoundation: Array(body.utf8)), "\(count)")
            }
        }
        let endless = String(repeating: opening, count: 1_000_000)
        for body in [endless, "[{\"id\":" + endless, "{\"buckets\":" + endless] { #expect(reading(body).isNoJSON) }
    }

    @Test func firstOfDuplicateFieldsIsRead() throws {
        let read = try #require(field("name", #""a","name":7,"n\u0061me":"b""#))
        #expect(read.row.name == "a" && read.malformed == 0)
    }

    @Test func escapedNamesAreRead() throws {
        #expect(try #require(field("n\\u0061m\\u0065", "\"a\"")).row.name == "a")
        #expect(try #require(field("Name", "\"a\"")).row.name == nil)
        #expect(try #require(field("name ", "\"a\"")).row.name == nil)
    }

    @Test func everyFieldNameIsFound() {
        for name in FieldName.allCases {
            // As a list under this name, and under names that are one letter shorter or longer and therefore unknown.
            let body = Array("{\"\(name.rawValue)\":[{\"id\":\"1\"}]}".utf8)
            let rows: Rows<ProbedRow>? = try? AnswerBody(body).rows(under: [name])
            #expect(rows?.rows.count == 1)
            for other in [name.rawValue + "x", String(name.rawValue.dropLast()), name.rawValue.uppercased() + "!"]
            where FieldName(rawValue: other) == nil {
                let body = Array("{\"\(other)\":[{\"id\":\"1\"}]}".utf8)
                let rows: Rows<ProbedRow>? = try? AnswerBody(body).rows(under: [name])
                #expect(rows == nil)
            }
        }
    }
}

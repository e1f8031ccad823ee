import TestSupport

/// Creates lists of rows with all features of JSON, mostly in the form that the API sends.
struct RandomDocument {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func body() -> [UInt8] {
        var text = chance(20) ? "\u{FEFF}" : ""
        text += space()
        let list = "[" + joined(0...6) { $0.chance(12) ? $0.value(3) : $0.row() } + "]"
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: text += list
        case 3..<7: text += "{\"success\"\(space()):\(space())true,\"buckets\":\(list),\"other\":\(value(3))}"
        case 7: text += "{\"other\":\(value(3)),\"buckets\":\(value(2)),\"data\":\(list)}"
        case 8: text += "{\"success\":\(value(2)),\"data\":\(list),\"data\":[]}"
        default: text += value(4)
        }
        return Array((text + space()).utf8)
    }

    /// The document with a few bytes changed, removed, inserted or moved.
    mutating func mutated(_ body: [UInt8]) -> [UInt8] {
        var bytes = body
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 1...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(pick(Array("[]{}\",:\\u0123456789-+.eEtfn \t\n".utf8)), at: place)
            case 3: bytes[place] = pick(Array("[]{}\",:\\u09-+.eEtfn \u{1}".utf8))
            case 4: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &random)))
            default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
            }
        }
        return bytes
    }

    private mutating func row() -> String {
        let names = [
            "id", "id", "id", "bucketId", "name", "bucket", "totalCount", "requests", "latency_ms", "latencyMs", "createdAt",
            "lastUpdated", "secret", "unknown", "na\\u006de", "\\u0069d", "", "n\\x", "é",
        ]
        let fields = joined(0...9) { maker in
            let name = maker.pick(names)
            return "\"\(name)\"\(maker.space()):\(maker.space())\(maker.value(2, of: name))"
        }
        return chance(3) ? "{\(fields)}" : "{\"id\":\"b\"\(fields.isEmpty ? "" : ",")\(fields)}"
    }

    private mutating func value(_ depth: Int, of name: String = "") -> String {
        if !chance(5) {
            switch name {
            case "id", "bucketId", "name", "bucket": return string()
            case "totalCount", "requests", "latency_ms", "latencyMs":
                let number = number()
                return chance(2) ? number : "\"\(number)\""
            case "createdAt", "lastUpdated": return "\"" + pick(Self.times) + "\""
            default: break
            }
        }
        return switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: "null"
        case 1: "true"
        case 2: "false"
        case 3, 4: string()
        case 5: number()
        case 6: "[\(space())" + joined(0...3) { $0.value(depth - 1) } + "]"
        default: "{\(space())" + joined(0...3) { "\($0.string()):\($0.value(depth - 1))" } + "}"
        }
    }

    private mutating func string() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...5, using: &random) { text += pick(Self.pieces) }
        return "\"\(text)\""
    }

    private mutating func number() -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: pick(Self.numbers)
        case 1: String(Int64.random(in: .min ... .max, using: &random))
        case 2: String(Double(Int.random(in: -99_999...99_999, using: &random)) / 100)
        default: String(Int.random(in: -999...999, using: &random))
        }
    }

    private mutating func joined(_ count: ClosedRange<Int>, _ make: (inout RandomDocument) -> String) -> String {
        let parts = (0..<Int.random(in: count, using: &random)).map { _ in make(&self) }
        return parts.joined(separator: ",")
    }

    private mutating func space() -> String { chance(8) ? pick([" ", "\n", "\r\n", "\t", "  "]) : "" }
    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }
    private mutating func pick<Element>(_ all: [Element]) -> Element { all[Int.random(in: 0..<all.count, using: &random)] }

    private static let pieces = [
        "a", "é", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "\\u0000", "\\x", "\u{7F}", "{", "]",
        ",",
        "\\uD83D\\n", "\\uzzzz", "1", " ", "\u{2028}", "\\b\\f\\r\\t", "e\u{301}",
    ]
    private static let numbers = [
        "0", "-0", "1.0", "-12.50", "1e3", "1E+2", "120e-1", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "1e18", "123456789012e3", "0.0", "-0.0", "01", "-", "1.", "1e", "1.5e", ".5", "+1", "1.2.3",
        "1e5e5", "--1", "1e400", "-1e999", "0x10", "1e-5", "12345678901234567890", "7.25",
    ]
    private static let times = [
        "2024-01-15T10:30:00Z", "2024-01-15T10:30:00.123Z", "2024-01-15T12:30:00+02:00", "2024-02-30T00:00:00Z",
        "2023-02-29T10:00:00Z",
        "2024-02-29T23:59:59.999999Z", "2024-13-01T00:00:00Z", "1969-12-31T23:59:59Z", "2024-01-15T24:00:00Z",
        "2024-01-15T10:60:00Z",
        "2016-12-31T23:59:60Z", "2024-1-5T1:2:3Z", "2024-01-15 10:30:00Z", "2024-01-15T10:30:00z", "2024-01-15T10:30:00.Z",
        "2024-01-15T10:30:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.5Z", "2024-01-15T10:30:00Zx",
        "1970-01-01T00:00:00.000Z",
        "2024-00-10T00:00:00Z", "2024-04-31T00:00:00Z", "2000-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-01-15T10:30:61Z",
        "2024-01-00T00:00:00Z", "1582-10-10T00:00:00Z", "2024-01-15T10:30:00.1234567890123Z",
    ]
}

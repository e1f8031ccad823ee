/// A body in Prometheus' delimited protobuf, parsed independently: it shares no code with the writer of the format.
package struct ParsedMessages: Sendable {
    /// A sample in the form of a text format: a histogram has one for each bucket, its sum and its count.
    package struct Sample: Sendable, Hashable {
        package let name: String
        package let labels: [String: String]
        /// The bits of its value, so that NaN equals itself.
        package let bits: UInt64

        package var value: Double { Double(bitPattern: bits) }
    }

    /// The fields that only native histograms have.
    package struct Native: Sendable, Hashable {
        package fileprivate(set) var schema: Int64 = 0
        package fileprivate(set) var zeroThreshold = 0.0
        package fileprivate(set) var zeroCount: UInt64 = 0
        package fileprivate(set) var spans: [[Int64]] = []
        package fileprivate(set) var deltas: [Int64] = []
    }

    package struct Family: Sendable {
        package fileprivate(set) var name = ""
        package fileprivate(set) var help = ""
        /// The number in the enumeration `MetricType`.
        package fileprivate(set) var type: UInt64 = 0
        package fileprivate(set) var unit: String?
        package fileprivate(set) var samples: [Sample] = []
        /// The start of each metric, in milliseconds since 1970-01-01.
        package fileprivate(set) var starts: [Int64?] = []
        package fileprivate(set) var natives: [Native] = []
    }

    package struct Malformed: Error {
        package let reason: String
    }

    package private(set) var families: [Family] = []

    package subscript(family name: String) -> Family? { families.first { $0.name == name } }

    package init(_ body: [UInt8]) throws(Malformed) {
        var fields = WireFields(body[...])
        while !fields.isAtEnd { families.append(try Self.family(try fields.bytes())) }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed(reason: "a text that is not UTF-8") }
        return text
    }

    private static func family(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> Family {
        var family = Family()
        var metrics: [ArraySlice<UInt8>] = []
        var fields = WireFields(bytes)
        while let (number, value) = try fields.next() {
            switch (number, value) {
            case (1, .bytes(let bytes)): family.name = try text(bytes)
            case (2, .bytes(let bytes)): family.help = try text(bytes)
            case (3, .number(let number)): family.type = number
            case (4, .bytes(let bytes)): metrics.append(bytes)
            case (5, .bytes(let bytes)): family.unit = try text(bytes)
            default: throw Malformed(reason: "a family has field \(number)")
            }
        }
        for metric in metrics { try read(metric, into: &family) }
        return family
    }

    private static func read(_ metric: ArraySlice<UInt8>, into family: inout Family) throws(Malformed) {
        var labels: [String: String] = [:]
        var fields = WireFields(metric)
        while let (number, value) = try fields.next() {
            guard case .bytes(let bytes) = value else { throw Malformed(reason: "a metric's field \(number) is a number") }
            switch (number, family.type) {
            case (1, _):
                let (name, value) = try pair(bytes)
                guard labels.updateValue(value, forKey: name) == nil else { throw Malformed(reason: "a label twice") }
            case (2, 1), (3, 0):
                try readValue(bytes, labels, into: &family)
            case (7, 4):
                try readHistogram(bytes, labels, into: &family)
            default:
                throw Malformed(reason: "a metric of type \(family.type) has field \(number)")
            }
        }
    }

    private static func pair(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> (String, String) {
        var fields = WireFields(bytes)
        guard let name = try fields.next(), let value = try fields.next(), fields.isAtEnd, name.field == 1, value.field == 2,
            case .bytes(let nameBytes) = name.value, case .bytes(let valueBytes) = value.value
        else { throw Malformed(reason: "not a label") }
        return (try text(nameBytes), try text(valueBytes))
    }

    private static func milliseconds(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> Int64 {
        var fields = WireFields(bytes)
        var milliseconds: Int64 = 0
        while let (number, value) = try fields.next() {
            guard case .number(let count) = value else { throw Malformed(reason: "not a time") }
            milliseconds += number == 1 ? Int64(count) * 1000 : Int64(count) / 1_000_000
        }
        return milliseconds
    }

    /// Reads a counter or gauge.
    private static func readValue(
        _ bytes: ArraySlice<UInt8>, _ labels: [String: String], into family: inout Family
    ) throws(Malformed) {
        var start: Int64?
        var fields = WireFields(bytes)
        while let (number, value) = try fields.next() {
            switch (number, value) {
            case (1, .bits(let bits)): family.samples.append(Sample(name: family.name, labels: labels, bits: bits))
            case (3, .bytes(let bytes)) where family.type == 0: start = try milliseconds(bytes)
            default: throw Malformed(reason: "a value has field \(number)")
            }
        }
        family.starts.append(start)
    }

    private static func readHistogram(
        _ bytes: ArraySlice<UInt8>, _ labels: [String: String], into family: inout Family
    ) throws(Malformed) {
        var (count, sum) = (0.0, 0.0)
        var start: Int64?
        var native: Native?
        func append(_ ending: String, _ more: [String: String] = [:], _ value: Double) {
            family.samples.append(
                Sample(name: family.name + ending, labels: labels.merging(more) { $1 }, bits: value.bitPattern))
        }
        var fields = WireFields(bytes)
        while let (number, value) = try fields.next() {
            switch (number, value) {
            case (1, .number(let number)): count = Double(number)
            case (2, .bits(let bits)): sum = Double(bitPattern: bits)
            case (3, .bytes(let bytes)):
                var bucket = WireFields(bytes)
                guard case (1, .number(let count))? = try bucket.next(), case (2, .bits(let bound))? = try bucket.next() else {
                    throw Malformed(reason: "not a bucket")
                }
                append("_bucket", ["le": Double(bitPattern: bound).description], Double(count))
            case (5, .number(let number)): native = Native(schema: number.zigzag)
            case (6, .bits(let bits)): native?.zeroThreshold = Double(bitPattern: bits)
            case (7, .number(let number)): native?.zeroCount = number
            case (12, .bytes(let bytes)):
                var span = WireFields(bytes)
                guard case (1, .number(let offset))? = try span.next(), case (2, .number(let length))? = try span.next() else {
                    throw Malformed(reason: "not a span")
                }
                native?.spans.append([offset.zigzag, Int64(length)])
            case (13, .number(let number)): native?.deltas.append(number.zigzag)
            case (15, .bytes(let bytes)): start = try milliseconds(bytes)
            default: throw Malformed(reason: "a histogram has field \(number)")
            }
        }
        append("_bucket", ["le": "+Inf"], count)
        append("_sum", [:], sum)
        append("_count", [:], count)
        family.starts.append(start)
        if let native { family.natives.append(native) }
    }
}

extension UInt64 {
    /// The number whose lowest bit is the sign.
    fileprivate var zigzag: Int64 { Int64(bitPattern: self >> 1) ^ -Int64(bitPattern: self & 1) }
}

/// The fields of a message.
private struct WireFields {
    enum Value {
        case number(UInt64)
        case bits(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    private mutating func number() throws(ParsedMessages.Malformed) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { break }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw ParsedMessages.Malformed(reason: "a number without an end")
    }

    /// Bytes preceded by their count.
    mutating func bytes() throws(ParsedMessages.Malformed) -> ArraySlice<UInt8> {
        let count = try number()
        guard count <= rest.count else { throw ParsedMessages.Malformed(reason: "cut off") }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    mutating func next() throws(ParsedMessages.Malformed) -> (field: UInt64, value: Value)? {
        if isAtEnd { return nil }
        let tag = try number()
        switch tag & 7 {
        case 0: return (tag >> 3, .number(try number()))
        case 1:
            guard rest.count >= 8 else { throw ParsedMessages.Malformed(reason: "cut off") }
            let bits = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(8)
            return (tag >> 3, .bits(bits))
        case 2: return (tag >> 3, .bytes(try bytes()))
        default: throw ParsedMessages.Malformed(reason: "wire type \(tag & 7)")
        }
    }
}

/// Reads sample lines as ``SampleBuffer`` writes them: `name value` and `name{label="value",…} value`, without other spaces.
struct SampleLines {
    private let bytes: UnsafeRawBufferPointer
    /// The position of the next byte.
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    private mutating func takes(_ byte: UInt8) -> Bool {
        guard bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func take(until isEnd: (UInt8) -> Bool) -> UnsafeRawBufferPointer.SubSequence {
        let start = offset
        while !isEnd(bytes[offset]) { offset += 1 }
        return bytes[start..<offset]
    }

    /// Takes the name of the sample.
    mutating func takeName() -> UnsafeRawBufferPointer.SubSequence {
        take { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") }
    }

    /// Takes the labels and appends them to the fields of a metric, except a histogram's `le`, which is not a label in protobuf.
    /// - Returns: the value of `le`.
    mutating func takeLabels(of type: MetricType, to metric: inout [UInt8]) -> Double? {
        var bound: Double?
        if takes(UInt8(ascii: "{")) {
            repeat {
                let name = take { $0 == UInt8(ascii: "=") }
                offset += 2
                let value = takeQuoted()
                if type == .histogram, name.elementsEqual("le".utf8) {
                    bound = Self.number(value.bytes)
                } else {
                    Self.append(name, value.bytes, escapes: value.escapes, to: &metric)
                }
            } while takes(UInt8(ascii: ","))
            offset += 1
        }
        return bound
    }

    /// Takes the rest of a label's value, with the quote at its end.
    private mutating func takeQuoted() -> (bytes: UnsafeRawBufferPointer.SubSequence, escapes: Int) {
        let start = offset
        var escapes = 0
        while true {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return (bytes[start..<(offset - 1)], escapes)
            case UInt8(ascii: "\\"):
                escapes += 1
                offset += 2
            default:
                offset += 1
            }
        }
    }

    private static func append(
        _ name: UnsafeRawBufferPointer.SubSequence, _ value: UnsafeRawBufferPointer.SubSequence, escapes: Int,
        to metric: inout [UInt8]
    ) {
        let count = value.count - escapes
        metric.append(
            MetricField.Metric.label, bytesCounted: [UInt8].size(ofBytes: name.count) + [UInt8].size(ofBytes: count))
        metric.append(MetricField.Label.name, bytesCounted: name.count)
        metric.append(contentsOf: UnsafeRawBufferPointer(rebasing: name))
        metric.append(MetricField.Label.value, bytesCounted: count)
        if escapes == 0 {
            metric.append(contentsOf: UnsafeRawBufferPointer(rebasing: value))
        } else {
            var isEscaped = false
            for byte in value {
                if byte == UInt8(ascii: "\\"), !isEscaped {
                    isEscaped = true
                } else {
                    metric.append(isEscaped && byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
                    isEscaped = false
                }
            }
        }
    }

    /// Takes the sample's value and the end of the line.
    mutating func takeValue() -> Double {
        offset += 1
        let digits = take { $0 == UInt8(ascii: "\n") }
        offset += 1
        return Self.number(digits)
    }

    /// The powers of ten that a `Double` represents exactly.
    private static let powersOfTen = (0...22).map { Double("1e\($0)") ?? .nan }
    /// A `Double` represents integers up to this number exactly.
    private static let mostDigits: UInt64 = 1 << 53

    /// Parses a number as ``SampleValue`` writes it.
    static func number(_ text: UnsafeRawBufferPointer.SubSequence) -> Double {
        // Digits with a point among them are the quotient of two exact numbers, and therefore correctly rounded.
        var digits: UInt64 = 0
        var fraction: Int?
        let isNegative = text.first == UInt8(ascii: "-")
        for byte in isNegative ? text.dropFirst() : text {
            if byte == UInt8(ascii: "."), fraction == nil {
                fraction = 0
            } else if byte &- UInt8(ascii: "0") <= 9, digits < mostDigits / 10 {
                digits = digits * 10 + UInt64(byte - UInt8(ascii: "0"))
                fraction = fraction.map { $0 + 1 }
            } else {
                return otherNumber(text)
            }
        }
        guard let power = powersOfTen.dropFirst(fraction ?? 0).first else { return otherNumber(text) }
        let number = Double(digits) / power
        return isNegative ? -number : number
    }

    private static func otherNumber(_ text: UnsafeRawBufferPointer.SubSequence) -> Double {
        switch String(decoding: text, as: UTF8.self) {
        case "NaN":
            // The bits that Prometheus' text parser uses; other NaN bits mark the end of a series in Prometheus.
            return Double(bitPattern: 0x7FF8_0000_0000_0001)
        case "+Inf":
            return .infinity
        case let text:
            guard let number = Double(text) else { preconditionFailure("a sample's value is a number, not \(text)") }
            return number
        }
    }
}

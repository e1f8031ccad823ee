/// A sample's value. Integers are written exactly, even where a 64-bit float would lose digits.
package enum SampleValue: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    case integer(Int64)
    case real(Double)

    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .real(value) }
    package init(_ value: Bool) { self = .integer(value ? 1 : 0) }
    package init(_ value: Int) { self = .integer(Int64(value)) }
    /// Seconds, the base unit of time.
    package init(_ value: Duration) {
        let (seconds, attoseconds) = value.components
        self = .real(Double(seconds) + Double(attoseconds) / 1e18)
    }
}

extension [UInt8] {
    /// Writes a value as the formats require: the shortest digits that read back the same, and `+Inf`, `-Inf`, `NaN`.
    mutating func append(_ value: SampleValue) {
        switch value {
        case .integer(let digit) where (0...9).contains(digit):
            append(UInt8(ascii: "0") + UInt8(digit))  // The usual case: states, and counts of rare events.
        case .integer(let number):
            append(contentsOf: String(number).utf8)
        case .real(let number):
            if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 {
                append(contentsOf: String(whole).utf8)  // "12" instead of "12.0", and twice as fast.
            } else if number.isFinite {
                append(contentsOf: number.description.utf8)
            } else {
                append(contentsOf: (number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf").utf8)
            }
        }
    }
}

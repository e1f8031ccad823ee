/// A number of a JSON document (RFC 8259 section 6), kept as text so that large integers keep all digits.
struct JSONNumber {
    private let text: String

    /// - Returns: nil when the bytes are not a valid JSON number.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard Self.isNumber(bytes) else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// The number if it is integral and fits in 64 bits; `12.0` and `1e3` are integral too.
    var integer: Int64? {
        Int64(text) ?? integerWithFraction
    }

    /// The nearest double; nil when that is infinite, or zero although the number is not.
    var double: Double? {
        guard let number = Double(text), number.isFinite else { return nil }
        return number != 0 || mantissa.allSatisfy { $0 == UInt8(ascii: "0") || !Self.isDigit($0) } ? number : nil
    }

    /// The digits before the exponent.
    private var mantissa: Substring.UTF8View {
        text.utf8.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
    }

    private var integerWithFraction: Int64? {
        var digits = mantissa.filter { $0 != UInt8(ascii: ".") }
        let fraction = mantissa.drop { $0 != UInt8(ascii: ".") }.dropFirst()
        var zeros = -fraction.count
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            zeros += 1
        }
        guard digits.contains(where: Self.isDigit) else { return 0 }
        let exponent = text.utf8.dropFirst(mantissa.count + 1)
        if !exponent.isEmpty {
            // An exponent beyond 32 bits is far out of range for any integer that fits.
            guard let exponent = Int32(Substring(exponent)) else { return nil }
            zeros += Int(exponent)
        }
        guard (0...18).contains(zeros) else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: zeros))
    }

    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let first = rest.first
        let wholeDigits = skipDigits(&rest)
        guard wholeDigits == 1 || wholeDigits > 1 && first != UInt8(ascii: "0") else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard skipDigits(&rest) > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard skipDigits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// - Returns: how many digits were skipped.
    private static func skipDigits(_ rest: inout ArraySlice<UInt8>) -> Int {
        let start = rest.startIndex
        while let byte = rest.first, isDigit(byte) { rest.removeFirst() }
        return rest.startIndex - start
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

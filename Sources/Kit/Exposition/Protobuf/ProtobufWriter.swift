/// Protocol Buffers' wire format: appends the fields of a message, each with its number.
///
/// Supports only the kinds of fields in Prometheus' metrics. A library for messages would not help: a family consists of pieces that are
/// encoded at different times, and never exists as one message in memory.
extension [UInt8] {
    /// The wire types (protobuf.dev, "Encoding").
    private enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
    }

    private mutating func append(tag field: UInt8, _ type: WireType) {
        assert((1...15).contains(field), "the tag is one byte")
        append(field << 3 | type.rawValue)
    }

    /// Appends a number in base 128, lowest digits first.
    mutating func append(varint number: UInt64) {
        var number = number
        while number >= 0x80 {
            append(UInt8(truncatingIfNeeded: number) | 0x80)
            number >>= 7
        }
        append(UInt8(truncatingIfNeeded: number))
    }

    /// Appends a field of type `uint32`, `uint64` or `enum`, or a non-negative field of type `int32` or `int64`.
    mutating func append(_ field: UInt8, unsigned number: some BinaryInteger) {
        append(tag: field, .varint)
        append(varint: UInt64(truncatingIfNeeded: number))
    }

    /// Appends a field of type `sint32` or `sint64`, whose lowest bit is the sign.
    mutating func append(_ field: UInt8, signed number: Int64) {
        append(tag: field, .varint)
        append(varint: UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    /// Appends a field of type `double`.
    mutating func append(_ field: UInt8, double number: Double) {
        append(tag: field, .fixed64)
        Swift.withUnsafeBytes(of: number.bitPattern.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends the beginning of a field of type `string`, or of a message's type, whose bytes are appended next.
    mutating func append(_ field: UInt8, bytesCounted count: Int) {
        append(tag: field, .lengthDelimited)
        append(varint: UInt64(count))
    }

    /// The size of a field of type `string`, or of a message's type.
    static func size(ofBytes count: Int) -> Int {
        var size = 2 + count
        var rest = count >> 7
        while rest > 0 {
            size += 1
            rest >>= 7
        }
        return size
    }

    /// Appends a field of type `string`, or of a message's type.
    mutating func append(_ field: UInt8, bytes: some Collection<UInt8>) {
        append(field, bytesCounted: bytes.count)
        append(contentsOf: bytes)
    }

    /// Appends a field of a message's type.
    mutating func append(_ field: UInt8, message write: (inout [UInt8]) -> Void) {
        var message: [UInt8] = []
        write(&message)
        append(field, bytes: message)
    }
}

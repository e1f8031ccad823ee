internal import CISAL
internal import CZlib

/// The CRC-32 of some bytes, with their number: what a gzip member ends with (RFC 1952 section 2.3.1).
struct CyclicRedundancyCheck: Sendable, Hashable {
    private(set) var value: UInt32 = 0
    private(set) var byteCount = 0

    /// That of no bytes.
    init() {}

    init(_ bytes: [UInt8]) {
        value = bytes.withUnsafeBufferPointer { crc32_gzip_refl(0, $0.baseAddress, UInt64($0.count)) }
        byteCount = bytes.count
    }

    /// Makes it that of its own bytes followed by those of another, without reading either.
    mutating func append(_ other: CyclicRedundancyCheck) {
        value = UInt32(truncatingIfNeeded: crc32_combine(uLong(value), uLong(other.value), other.byteCount))
        byteCount += other.byteCount
    }
}

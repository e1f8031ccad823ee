internal import NIOConcurrencyHelpers

/// A part of a body, deflated once: bodies of either coding are put together from segments.
///
/// Prometheus always asks for gzip, and the samples of many buckets are ten times as long without: the plain bytes are made again
/// when somebody asks for them, and then kept for whoever asks next.
package struct Segment: Sendable, Hashable {
    /// Shorter plain bytes are kept from the start: there is nothing to save.
    private static let shortest = 16 * 1024

    /// As it stands in a deflate stream.
    let deflated: [UInt8]
    let check: CyclicRedundancyCheck
    private let plain: NIOLockedValueBox<[UInt8]?>

    init(_ bytes: [UInt8], deflater: Deflater) {
        deflated = deflater.deflate(bytes)
        check = CyclicRedundancyCheck(bytes)
        plain = NIOLockedValueBox(bytes.count < Self.shortest ? bytes : nil)
    }

    /// As it is without a coding.
    var bytes: [UInt8] {
        plain.withLockedValue { plain in
            if let plain { return plain }
            let inflated = Inflation.bytes(of: deflated, count: check.byteCount)
            plain = inflated
            return inflated
        }
    }

    package static func == (left: Segment, right: Segment) -> Bool {
        left.check == right.check && left.deflated == right.deflated
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(check)
    }
}

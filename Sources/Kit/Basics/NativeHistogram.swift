/// The counts of a Prometheus native histogram: buckets whose bounds grow exponentially, and which exist only if they contain values.
///
/// The rules are those of Prometheus' client library for Go with a bucket factor of 1.1 and at most 160 buckets: a bucket is at most a
/// tenth wider than the previous one, and when there are too many, each pair of neighbours is merged. The library's other way to stay below
/// the limit, a reset, is not used: it would also reset the classic histogram of the same values.
package struct NativeHistogram: Sendable, Hashable {
    /// The schema of bucket factor 1.1, the finest: 2³ buckets between two powers of two.
    private static let finestSchema = 3
    /// The coarsest schema: each bucket is 2¹⁶ times as wide as the previous one.
    private static let coarsestSchema = -4
    private static let maximumBuckets = 160

    /// Values up to this one are counted in the zero bucket: 2⁻¹²⁸.
    package static let zeroThreshold = 0x1p-128

    /// The bounds of the finest schema between 1 and 2. Prometheus has the same table, with the same rounding.
    private static let bounds = [
        1, 1.0905077326652577, 1.189207115002721, 1.2968395546510096, 1.414213562373095, 1.5422108254079407, 1.6817928305074288,
        1.8340080864093422,
    ]

    /// The resolution: 2^schema buckets between two powers of two.
    package private(set) var schema = finestSchema
    /// The number of values up to ``zeroThreshold``.
    package private(set) var zeroCount: Int64 = 0
    private var counts: [Int: Int64] = [:]

    package init() {}

    /// The buckets with values in ascending order. The bucket with index i contains the values above 2^((i-1)/2^schema), up to
    /// and including 2^(i/2^schema).
    package var buckets: [(index: Int, count: Int64)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Counts a value.
    /// - Parameter value: a finite number that is not negative.
    package mutating func count(_ value: Double) {
        guard value > Self.zeroThreshold else {
            zeroCount += 1
            return
        }
        let finest =
            (Self.bounds.firstIndex { value.significand <= $0 } ?? Self.bounds.count) + Int(value.exponent) * Self.bounds.count
        var index = finest
        for _ in schema..<Self.finestSchema { index = Self.merged(index) }
        counts[index, default: 0] += 1
        while counts.count > Self.maximumBuckets, schema > Self.coarsestSchema { halveResolution() }
    }

    private mutating func halveResolution() {
        schema -= 1
        counts = Dictionary(counts.lazy.map { (Self.merged($0.key), $0.value) }, uniquingKeysWith: +)
    }

    /// The index of the bucket that contains a bucket of the next finer schema.
    private static func merged(_ index: Int) -> Int { (index + 1) >> 1 }
}

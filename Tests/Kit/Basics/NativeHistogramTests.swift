import Basics
import Testing

@Suite struct NativeHistogramTests {
    private func histogram(_ values: [Double]) -> NativeHistogram {
        var histogram = NativeHistogram()
        for value in values { histogram.count(value) }
        return histogram
    }

    /// A bucket includes its upper bound. Prometheus has the same bounds, with all of their digits.
    @Test(
        arguments: [
            (1, 0), (1.0000000000000002, 1), (1.0905077326652577, 1), (1.090507732665258, 2), (2, 8), (0.5, -8),
            (0.5452538663326288, -7), (0.545253866332629, -6), (0.9170040432046711, -1), (0.9170040432046712, 0), (0.99, 0),
            (1.5, 5), (30, 40), (0.001, -79), (600, 74), (0x1p-127, -1016), (.greatestFiniteMagnitude, 8192),
        ] as [(Double, Int)])
    func valuesFallIntoTheirBuckets(_ value: Double, _ index: Int) {
        let histogram = histogram([value])
        #expect(histogram.buckets.map(\.index) == [index])
        #expect(histogram.buckets.map(\.count) == [1])
        #expect(histogram.schema == 3)
        #expect(histogram.zeroCount == 0)
    }

    @Test(arguments: [0, 0x1p-128, .leastNonzeroMagnitude] as [Double])
    func valuesNearZeroAreCountedApart(_ value: Double) {
        let histogram = histogram([value, value])
        #expect(histogram.zeroCount == 2)
        #expect(histogram.buckets.isEmpty)
    }

    @Test func usualDurationsKeepTheFinestResolution() {
        // From a millisecond to a minute.
        let histogram = histogram((0..<16_000).map { 0.001 * (Double($0) / 1000 * 0.6931471805599453).exponential })
        #expect(histogram.schema == 3)
        #expect((125...160).contains(histogram.buckets.count))
        #expect(histogram.buckets.reduce(0) { $0 + $1.count } == 16_000)
    }

    /// Bucket i of schema s ends at 2^(i/2^s): 160 powers of two take 160 buckets at schema 3, and half as many at schema 2.
    @Test func neighboursAreMergedWhenThereAreTooMany() {
        var counts = histogram((0..<160).map { Double(sign: .plus, exponent: $0 - 80, significand: 1) })
        #expect(counts.schema == 3)
        #expect(counts.buckets.map(\.index) == (0..<160).map { ($0 - 80) * 8 })
        counts.count(0x1p80)
        // Merging neighbours reduces the number of buckets only once a bucket covers more than one power of two.
        #expect(counts.schema == -1)
        #expect(counts.buckets.count == 81)
        #expect(counts.buckets.first?.index == -40)
        #expect(counts.buckets.last?.index == 40)
        #expect(counts.buckets.map(\.count).reduce(0, +) == 161)
        // Further values are counted in the wider buckets: values above 1 and up to 4 in the first.
        counts.count(3)
        #expect(counts.buckets.first { $0.index == 1 }?.count == 3)
    }

    @Test func mergedBucketsContainWhatWasInThem() {
        var fine = NativeHistogram()
        var expected: [Int: Int64] = [:]
        // Two buckets of each octave are in use: 162 at schema 3, and half as many at schema 0.
        for octave in -40...40 {
            for significand in [1.05, 1.95] {
                let value = Double(sign: .plus, exponent: octave, significand: significand)
                fine.count(value)
                expected[octave + 1, default: 0] += 1
            }
        }
        #expect(fine.schema == 0)
        #expect(fine.buckets.count == expected.count)
        for (index, count) in fine.buckets { #expect(expected[index] == count, "\(index)") }
    }
}

extension Double {
    /// e to the power of this number, by its series.
    fileprivate var exponential: Double {
        var (term, sum) = (1.0, 1.0)
        for index in 1...80 {
            term *= self / Double(index)
            sum += term
        }
        return sum
    }
}

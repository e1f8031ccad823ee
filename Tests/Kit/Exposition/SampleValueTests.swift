import Exposition
import TestSupport
import Testing

@Suite struct SampleValueTests {
    @Test(arguments: [
        (0, "0"), (-1, "-1"), (9_007_199_254_740_993, "9007199254740993"), (Int64.max, "9223372036854775807"),
        (Int64.min, "-9223372036854775808"),
    ])
    func integersAreExact(_ number: Int64, _ text: String) {
        #expect(written(.integer(number)) == text)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (12.0, "12"), (-3.0, "-3"), (0.1, "0.1"), (1.0 / 3, "0.3333333333333333"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1_705_314_600.123, "1705314600.123"), (1e-7, "1e-07"), (.leastNonzeroMagnitude, "5e-324"), (1e300, "1e+300"),
        (9_007_199_254_740_991.0, "9007199254740991"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (-.nan, "NaN"),
    ])
    func realsAreShortest(_ number: Double, _ text: String) {
        #expect(written(.real(number)) == text)
    }

    @Test func largeRealsRoundTrip() throws {
        for number in [0x1p53, 0x1p63, -0x1p63, 0x1p64, 1.7976931348623157e308, 1e22] {
            let text = written(.real(number))
            #expect(Double(text) == number, "\(text)")
            #expect(!text.hasSuffix(".0") || number.magnitude >= 0x1p53)
        }
    }

    @Test func randomRealsRoundTrip() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<5000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            let text = written(.real(number))
            #expect(Double(text) == number, "\(number.bitPattern) as \(text)")
        }
    }

    @Test func durationsAreSeconds() {
        #expect(written(SampleValue(Duration.milliseconds(1500))) == "1.5")
        #expect(written(SampleValue(Duration.seconds(2))) == "2")
        #expect(written(SampleValue(Duration.microseconds(250))) == "0.00025")
    }

    @Test func booleansAreOneOrZero() {
        #expect(written(SampleValue(true)) == "1")
        #expect(written(SampleValue(false)) == "0")
        #expect(written(SampleValue(42)) == "42")
    }

    @Test func literalsKeepTheirKind() {
        #expect((1 as SampleValue) == .integer(1))
        #expect((1.5 as SampleValue) == .real(1.5))
    }
}

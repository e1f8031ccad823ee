import FlashbackAPI
import Foundation
import TestSupport
import Testing

/// Times are the same as Foundation's, to the last bit.
@Suite struct TimestampTests {
    private func foundation(_ text: String) -> Date? {
        try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
    }

    @Test func everyDayMatchesFoundation() {
        for year in [1969, 1970, 1971, 1972, 1999, 2000, 2001, 2023, 2024, 2026, 2038, 2096, 2100, 2400, 9999] {
            for month in 0...13 {
                for day in 0...32 {
                    let text = String(format: "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, day % 25, month * 5, day * 2)
                    #expect(TimestampFormat.date(text) == foundation(text), "\(text)")
                }
            }
        }
    }

    @Test func everyFractionMatchesFoundation() {
        for fraction in 0...999 {
            for text in [
                String(format: "2024-01-15T10:30:%02d.%03dZ", fraction % 60, fraction), "1970-01-01T00:00:00.\(fraction)Z",
                "2024-01-15T10:30:00.\(fraction)\(fraction)Z",
            ] { #expect(TimestampFormat.date(text) == foundation(text), "\(text)") }
        }
    }

    @Test func damagedTimestampsMatchFoundation() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<3000 {
            var bytes = Array("2024-02-1\(Int.random(in: 0...9, using: &random))T10:30:00.123Z".utf8)
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: 0x2B...0x3A, using: &random), at: place)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(TimestampFormat.date(text) == foundation(text), "\(text)")
        }
    }
}

import Foundation
import Testing

@testable import FlashbackStatusPage

@Suite struct WordingTests {
    private let now = Date(timeIntervalSince1970: 1_705_314_600)  // 2024-01-15T10:30:00Z

    private func text(_ html: HTML) -> String {
        String(decoding: html.bytes, as: UTF8.self).replacing("\u{A0}", with: " ")
    }

    @Test func agesHaveExactTimesBesideThem() {
        let wording = Wording(now: now)
        #expect(
            text(wording.relative(now - 12))
                == "<time datetime=\"2024-01-15T10:29:48Z\" title=\"2024-01-15 10:29:48 UTC\">12 s ago</time>")
        #expect(text(wording.relative(now + 3180)).hasSuffix(">in 53 min</time>"))
        #expect(text(wording.relative(now)).hasSuffix(">0 s ago</time>"))
        #expect(text(wording.elapsed(since: now - 8000)).hasSuffix(">2 h</time>"))
        #expect(text(wording.elapsed(since: now + 5)).hasSuffix(">0 s</time>"))
        #expect(text(wording.clock(now)).hasSuffix(">10:30:00 UTC</time>"))
    }

    @Test func timesOutsideTheCalendarAreHandled() {
        for date in [
            Date.distantPast, .distantFuture + 1e15, Date(timeIntervalSince1970: -1), Date(timeIntervalSince1970: .infinity),
        ] {
            #expect(!text(Wording(now: now).relative(date)).contains("<time"))
        }
    }

    @Test(
        arguments: [
            (0, "0 s"), (119.9, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_799, "47 h"), (172_800, "2 d"),
            (86_400_000, "1,000 d"), (-5, "0 s"), (.infinity, "ages"), (.nan, "ages"), (1e300, "ages"),
        ] as [(Double, String)])
    func durationsAreWorded(_ seconds: Double, _ expected: String) {
        #expect(Wording.duration(seconds).replacing("\u{A0}", with: " ") == expected)
    }

    @Test(
        arguments: [
            (0.046, "46 ms"), (0.0042, "4.2 ms"), (0, "0.0 ms"), (0.00949, "9.5 ms"), (0.0095, "10 ms"), (0.9994, "999 ms"),
            (0.9995, "1.0 s"), (12.34, "12.3 s"), (-1, "–"), (.nan, "–"), (.infinity, "–"), (1e300, "–"),
        ] as [(Double, String)])
    func latenciesAreWorded(_ seconds: Double, _ expected: String) {
        #expect(Wording.latency(seconds).replacing("\u{A0}", with: " ") == expected)
    }

    @Test(
        arguments: [
            (1, "100 %"), (0.99999, "99.99 %"), (0.9998, "99.98 %"), (0.5, "50 %"), (0.001, "0.1 %"), (0.9705, "97.05 %"),
            (0, "0 %"), (-0.1, "–"), (1.1, "–"), (.nan, "–"), (.infinity, "–"),
        ] as [(Double, String)])
    func percentagesAreWorded(_ ratio: Double, _ expected: String) {
        #expect(Wording.percentage(ratio).replacing("\u{A0}", with: " ") == expected)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000"), (-100, "-100")])
    func numbersAreWorded(_ number: Int, _ expected: String) {
        #expect(Wording.grouped(number) == expected)
    }

    @Test func longTextIsCutBetweenScalars() {
        #expect(Wording.shortened("abc", to: 3) == "abc")
        #expect(Wording.shortened("abcd", to: 3) == "abc…")
        let marks = "a" + String(repeating: "\u{301}", count: 10_000)
        #expect(Wording.shortened(marks, to: 120).unicodeScalars.count == 121)
    }
}

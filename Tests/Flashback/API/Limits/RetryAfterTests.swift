import Foundation
import HTTPTypes
import Testing

@testable import FlashbackAPI

@Suite struct RetryAfterTests {
    /// 1994-11-06T08:49:37Z
    private static let now = Date(timeIntervalSince1970: 784_111_777)

    @Test(
        arguments: [
            ("0", 0), ("1", 1), ("120", 120), ("3600", 3600), ("3601", 3600), ("-5", 0), ("9223372036854775807", 3600),
            ("99999999999999999999999999", 3600),
        ] as [(String, Int)])
    func secondsAreParsed(_ value: String, _ seconds: Int) {
        #expect(RetryAfter.duration(in: [.retryAfter: value], now: Self.now) == .seconds(seconds))
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:50:07 GMT", 30), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 09:49:37 GMT", 3600), ("Tue, 06 Nov 2094 08:49:37 GMT", 3600),
            ("Mon, 07 Nov 1994 00:00:00 GMT", 3600),
        ] as [(String, Int)])
    func dateIsParsed(_ value: String, _ seconds: Int) {
        #expect(RetryAfter.duration(in: [.retryAfter: value], now: Self.now) == .seconds(seconds))
    }

    /// The local clock may be days off.
    @Test func dateIsComparedWithThatOfTheResponse() {
        let fields: HTTPFields = [.retryAfter: "Sun, 06 Nov 1994 08:50:07 GMT", .date: "Sun, 06 Nov 1994 08:49:57 GMT"]
        for offset in [-300_000.0, 0, 300_000] {
            #expect(RetryAfter.duration(in: fields, now: Self.now.addingTimeInterval(offset)) == .seconds(10))
        }
        let unreadable: HTTPFields = [.retryAfter: "Sun, 06 Nov 1994 08:50:07 GMT", .date: "today"]
        #expect(RetryAfter.duration(in: unreadable, now: Self.now) == .seconds(30))
    }

    @Test(
        arguments: ["9999", "99999", "999999999", "9999999999999999999", "292277026596", "-292277026596", "0000"])
    func dateBeyondTheRangeIsIgnored(_ year: String) {
        let duration = RetryAfter.duration(in: [.retryAfter: "Sun, 06 Nov \(year) 08:49:37 GMT"], now: Self.now)
        #expect(duration == nil || duration == .zero || duration == .seconds(3600))
    }

    @Test(arguments: zip(["Jan", "Feb", "Mar", "Sep", "Oct", "Nov", "Dec"], [1, 2, 3, 9, 10, 11, 12]))
    func everyMonthIsParsed(_ name: String, _ number: Int) throws {
        let now = try #require(
            DateComponents(
                calendar: Calendar(identifier: .gregorian), timeZone: TimeZone(identifier: "GMT"), year: 2026, month: number,
                day: 15, hour: 12
            ).date)
        #expect(RetryAfter.duration(in: [.retryAfter: "Thu, 15 \(name) 2026 12:00:09 GMT"], now: now) == .seconds(9))
    }

    @Test(
        arguments: [
            "", "soon", "1.5", "1e3", "Sun, 06 Nov 1994", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT", "\u{1F551}",
        ])
    func invalidValuesAreIgnored(_ value: String) {
        #expect(RetryAfter.duration(in: [.retryAfter: value], now: Self.now) == nil)
    }

    @Test func missingFieldHasNoValue() {
        #expect(RetryAfter.duration(in: [:], now: Self.now) == nil)
    }
}

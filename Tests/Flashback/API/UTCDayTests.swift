import Basics
import FlashbackAPI
import Foundation
import Testing

@Suite struct UTCDayTests {
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (86_399.999, "1970-01-01T00:00:00.000Z"), (86_400, "1970-01-02T00:00:00.000Z"),
        (-0.001, "1969-12-31T00:00:00.000Z"), (-86_400, "1969-12-31T00:00:00.000Z"), (-86_400.001, "1969-12-30T00:00:00.000Z"),
        (1_705_314_600, "2024-01-15T00:00:00.000Z"), (1_709_164_800, "2024-02-29T00:00:00.000Z"),
        (951_782_399, "2000-02-28T00:00:00.000Z"),
        (4_102_444_800, "2100-01-01T00:00:00.000Z"), (-2_208_988_800, "1900-01-01T00:00:00.000Z"),
    ])
    func momentFallsInItsDay(_ seconds: Double, _ text: String) {
        #expect(UTCDay(Date(timeIntervalSince1970: seconds)).description == text)
    }

    @Test func dayBeginsAtMidnight() {
        let day = UTCDay(Date(timeIntervalSince1970: 1_705_314_600))
        #expect(day.start == Date(timeIntervalSince1970: 1_705_276_800))
        #expect(UTCDay(day.start) == day)
        #expect(UTCDay(day.start.addingTimeInterval(-0.001)) == day.previous)
    }

    @Test func daysFollowEachOther() {
        var day = UTCDay(Date(timeIntervalSince1970: 1_709_251_200))  // 2024-03-01
        #expect(day.previous.description == "2024-02-29T00:00:00.000Z")
        #expect(day.previous < day && !(day < day))
        #expect(day.previous.next == day)
        day = UTCDay(Date(timeIntervalSince1970: 0))
        #expect(day.previous.description == "1969-12-31T00:00:00.000Z")
        #expect(day.previous.start == Date(timeIntervalSince1970: -86_400))
    }

    @Test func dayIsThatOfTheRequest() {
        let day = UTCDay(Date(timeIntervalSince1970: 1_705_314_600))
        let body = ReadBucketDailyStatistics(bucketID: "1", day: day).body.map { String(decoding: $0, as: UTF8.self) }
        #expect(body == #"{"day":"2024-01-15T00:00:00.000Z"}"#)
    }

    @Test func aDateIsParsedOnlyInItsOneForm() throws {
        let day = try #require(UTCDay(parsing: "2024-02-29"))
        #expect(day.start == Date(timeIntervalSince1970: 1_709_164_800) && day.startSeconds == 1_709_164_800)
        #expect(day.date == "2024-02-29")
        for text in [
            "2023-02-29", "2024-2-29", "2024-02-29T00:00:00Z", "20240229", "", "today", "2024-13-01", "-024-02-29", "２０２４-1",
        ] {
            #expect(UTCDay(parsing: text) == nil, "\(text)")
        }
    }

    @Test func daysAreCounted() throws {
        let days = try #require(UTCDay(parsing: "2024-02-28"))..<(try #require(UTCDay(parsing: "2024-03-02")))
        #expect(days.map(\.date) == ["2024-02-28", "2024-02-29", "2024-03-01"])
        #expect(days.lowerBound.advanced(by: -1) == days.lowerBound.previous)
    }
}

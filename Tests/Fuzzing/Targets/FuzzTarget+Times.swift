import Foundation
import HTTPTypes

@testable import Configuration
@testable import FlashbackAPI

extension FuzzTarget {
    /// `Retry-After` and, on a second line, `Date`; and the formats of times and days in answers and settings.
    static let times = FuzzTarget(
        "times",
        seeds: [
            "120", "-5", "99999999999999999999999999", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 292277026596 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT", "2024-01-15T10:30:00Z", "2024-02-29T23:59:59.999Z", "2024-01-15T10:30:00.123+14:00",
            "+999999999999-12-31T24:00:60Z", "2024-W03-1T10:30:00Z", "2024-01-15", "0000-00-00", "31122024", "1717200000000",
            "1h30m",
            "Sun, 06 Nov 1994 08:49:37 GMT\nSun, 06 Nov 1994 08:49:07 GMT", "Mon, 01 Jan 0001 00:00:00 GMT\nx", "60\n", "1y",
            "1.5s", "9223372036854775807y", "0",
        ], longestInput: 64 * 1024
    ) { input throws(BrokenPromise) in
        let lines = lines(of: input, count: 2)
        let text = lines[0]
        // The values that the transport lets through.
        if HTTPField.isValidValue(text), HTTPField.isValidValue(lines[1]) {
            var fields: HTTPFields = [.retryAfter: text]
            if !lines[1].isEmpty { fields[.date] = lines[1] }
            for now in [Date(timeIntervalSince1970: 784_111_777), .distantPast, .distantFuture] {
                let pause = RetryAfter.duration(in: fields, now: now)
                try promise(pause.map { (.zero ... .seconds(3600)).contains($0) } ?? true, "a pause of \(pause ?? .zero)")
            }
        }
        if let date = TimestampFormat.date(text), RowFields.dates.contains(date) {
            let day = UTCDay(date)
            try promise(day.start <= date && day.next.start > date, "\(date) is not in \(day)")
        }
        if let day = UTCDay(parsing: text) { try promise(day.date == text, "\(text) became \(day.date)") }
        if let field = Int64(text), let day = UTCDay(field: field), field <= UTCDay.largestDecimalDigits {
            try promise(day.decimalDigits == field, "\(field) became \(day.decimalDigits)")
        }
        if let duration = try? PrometheusDuration(parsing: text) {
            try promise(duration.duration >= .zero, "a negative duration")
            _ = "\(duration)"
        }
    }
}

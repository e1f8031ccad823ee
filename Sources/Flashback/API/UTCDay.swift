package import FoundationEssentials

/// A day in UTC, the only calendar that the API uses.
package struct UTCDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    private static let seconds = 86_400.0

    /// Days since 1970-01-01.
    private let number: Int

    private init(number: Int) {
        self.number = number
    }

    /// The day that contains a moment.
    package init(_ moment: Date) {
        // `Date` has no leap seconds, so all days have the same length.
        number = Int((moment.timeIntervalSince1970 / Self.seconds).rounded(.down))
    }

    /// Parses a date such as `2024-01-15`; nil for anything else.
    package init?(parsing text: String) {
        guard text.utf8.count == 10, let start = TimestampFormat.date("\(text)T00:00:00Z") else { return nil }
        self.init(start)
        // The parser accepts other forms too.
        guard date == text else { return nil }
    }

    /// The start of the day in seconds since 1970-01-01.
    package var startSeconds: Int { number * Int(Self.seconds) }

    /// The date in the format `2024-01-15`.
    package var date: String { String(description.prefix(10)) }

    package var start: Date { Date(timeIntervalSince1970: Double(number) * Self.seconds) }
    package var previous: UTCDay { UTCDay(number: number - 1) }
    package var next: UTCDay { UTCDay(number: number + 1) }

    /// The start of the day in the API's format, such as `2024-01-15T00:00:00.000Z`.
    package var description: String {
        start.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The day as the integer that statistics requests take: day, month and year in decimal digits, without the leading zero, such
    /// as 1062025 for 1 June 2025.
    package var decimalDigits: Int64 {
        let parts = description.prefix { $0 != "T" }.split(separator: "-").compactMap { Int64($0) }
        return parts.count == 3 ? parts[2] * 1_000_000 + parts[1] * 10_000 + parts[0] : 0
    }

    /// The largest possible ``decimalDigits``; larger numbers are times.
    static let largestDecimalDigits: Int64 = 31_129_999

    /// The day in the field `day` of statistics. Its format is undocumented and inferred from its magnitude: ``decimalDigits``, or seconds
    /// or milliseconds since 1970.
    /// - Returns: nil when there is no such day.
    package init?(field: Int64) {
        guard field > 0, field < 253_402_300_800_000 else { return nil }
        if field <= Self.largestDecimalDigits {
            func digits(_ number: Int64, _ count: Int) -> String {
                let text = "\(number)"
                return String(repeating: "0", count: max(0, count - text.count)) + text
            }
            let (day, month, year) = (field / 1_000_000, field / 10_000 % 100, field % 10_000)
            guard let date = TimestampFormat.date("\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))T00:00:00Z") else {
                return nil
            }
            self.init(date)
            // A day beyond the end of its month becomes a day of the next month.
            guard decimalDigits == field else { return nil }
        } else {
            self.init(Date(timeIntervalSince1970: TimestampFormat.seconds(ofUnknownUnit: Double(field))))
        }
    }

    package static func < (left: UTCDay, right: UTCDay) -> Bool { left.number < right.number }
}

/// Days can be counted and enumerated: `from..<to` is a collection.
extension UTCDay: Strideable {
    package func distance(to other: UTCDay) -> Int { other.number - number }
    package func advanced(by days: Int) -> UTCDay { UTCDay(number: number + days) }
}

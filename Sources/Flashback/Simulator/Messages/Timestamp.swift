internal import FoundationEssentials

/// A time in whole milliseconds since 1970, the API's resolution.
struct Timestamp: Sendable, Comparable, Hashable {
    static let millisecondsPerDay: Int64 = 86_400_000

    var milliseconds: Int64

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    init(_ date: Date) {
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded(.down))
    }

    static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// Whole seconds since 1970.
    var seconds: Int64 { Self.floorDivide(milliseconds, 1000) }

    /// Days since 1 January 1970, UTC.
    var day: Int64 { Self.floorDivide(milliseconds, Self.millisecondsPerDay) }

    /// Milliseconds since the preceding UTC midnight.
    var millisecondsOfDay: Int64 { milliseconds - day * Self.millisecondsPerDay }

    /// The UTC midnight at the start of a day.
    static func startOfDay(_ day: Int64) -> Timestamp { Timestamp(milliseconds: day * millisecondsPerDay) }

    /// The UTC midnight at the start of the day.
    var startOfDay: Timestamp { .startOfDay(day) }

    /// The UTC midnight at the start of the month.
    var startOfMonth: Timestamp { .startOfDay(day - civilDate.day + 1) }

    /// `2024-01-15`, in UTC.
    var isoDay: String { String(iso8601().prefix(10)) }

    /// `2024-01-15T10:30:00.000Z`, or without the fraction.
    func iso8601(fraction: Bool = true) -> String {
        let (year, month, dayOfMonth) = civilDate
        let second = millisecondsOfDay / 1000
        var text = [UInt8]()
        text.reserveCapacity(24)
        Self.append(year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(dayOfMonth, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(second / 3600, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(second / 60 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(second % 60, digits: 2, to: &text)
        if fraction {
            text.append(UInt8(ascii: "."))
            Self.append(millisecondsOfDay % 1000, digits: 3, to: &text)
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// `Mon, 15 Jan 2024 10:30:00 GMT`, the date format of HTTP header fields (RFC 9110 section 5.6.7).
    var httpDate: String {
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let (year, month, dayOfMonth) = civilDate
        let weekday = weekdays[Int(((day % 7) + 7) % 7)]
        let second = millisecondsOfDay / 1000
        var text = Array("\(weekday), ".utf8)
        Self.append(dayOfMonth, digits: 2, to: &text)
        text += Array(" \(months[Int(month - 1)]) ".utf8)
        Self.append(year, digits: 4, to: &text)
        text.append(UInt8(ascii: " "))
        Self.append(second / 3600, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(second / 60 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(second % 60, digits: 2, to: &text)
        return String(decoding: text, as: UTF8.self) + " GMT"
    }

    /// Year, month and day in the proleptic Gregorian calendar, computed from 1 March of year 0 in 400-year eras.
    private var civilDate: (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func append(_ number: Int64, digits: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        for _ in 0..<digits {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }
}

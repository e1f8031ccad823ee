extension Timestamp {
    /// Parses an ISO 8601 time with its zone, such as `2024-01-15T10:30:00.000Z`, or a date, which means midnight UTC; nil for
    /// anything else, including days that do not exist in the month.
    init?(iso8601 text: String) {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2)
        else { return nil }
        // A day that does not exist in the month is converted to one of the next month.
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        let midnight = Self.startOfDay(Self.days(year, month, day))
        guard midnight.iso8601().hasPrefix(text.prefix(10)) else { return nil }
        milliseconds = midnight.milliseconds
        if reader.rest.isEmpty { return }
        guard reader.take("T"), let hour = reader.number(2), hour < 24, reader.take(":"), let minute = reader.number(2),
            minute < 60
        else { return nil }
        milliseconds += (hour * 60 + minute) * 60_000
        if reader.take(":") {
            guard let second = reader.number(2), second < 60 else { return nil }
            milliseconds += second * 1000
            if reader.take(".") {
                guard let fraction = reader.milliseconds() else { return nil }
                milliseconds += fraction
            }
        }
        guard let zone = reader.zone(), reader.rest.isEmpty else { return nil }
        milliseconds -= zone * 60_000
    }

    /// Days since 1 January 1970 for a date in the proleptic Gregorian calendar.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Character) -> Bool {
            guard let first = rest.first, first == character.asciiValue else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(_ digits: Int) -> Int64? {
            guard rest.count >= digits else { return nil }
            var number: Int64 = 0
            for byte in rest.prefix(digits) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                number = number * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            rest.removeFirst(digits)
            return number
        }

        /// The digits after the point; those beyond the third are dropped.
        mutating func milliseconds() -> Int64? {
            var (value, digits): (Int64, Int) = (0, 0)
            while let digit = number(1) {
                digits += 1
                if digits <= 3 { value = value * 10 + digit }
            }
            while (1..<3).contains(digits) {
                value *= 10
                digits += 1
            }
            return digits == 0 ? nil : value
        }

        /// The zone's offset from UTC in minutes.
        mutating func zone() -> Int64? {
            if take("Z") { return 0 }
            let sign: Int64
            if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
            guard let hours = number(2), hours < 24, take(":"), let minutes = number(2), minutes < 60 else { return nil }
            return sign * (hours * 60 + minutes)
        }
    }
}

package import FoundationEssentials

/// Parses ISO 8601 dates and times with a time zone, and determines the unit of numeric times.
package enum TimestampFormat {
    /// The API does not document the unit of numeric times. This number and larger ones are milliseconds: in seconds, they would be in the
    /// year 5138 or later.
    private static let leastMilliseconds = 1e11

    /// Whether a time since 1970 is in milliseconds, not seconds.
    static func isInMilliseconds(_ number: Double) -> Bool { number >= leastMilliseconds }

    /// Converts a time since 1970 in seconds or milliseconds to seconds.
    static func seconds(ofUnknownUnit number: Double) -> Double { isInMilliseconds(number) ? number / 1000 : number }

    private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// - Returns: nil when the text is not in such a format.
    package static func date(_ text: String) -> Date? {
        date(ArraySlice(text.utf8))
    }

    /// - Parameter text: UTF-8.
    static func date(_ text: ArraySlice<UInt8>) -> Date? {
        usual(text) ?? (try? format.parse(String(decoding: text, as: UTF8.self)))
    }

    /// `2024-01-15T10:30:00Z` or `2024-01-15T10:30:00.123Z`, the API's usual formats. Foundation's parser, which handles all
    /// other forms, takes two to three times as long.
    private static func usual(_ text: ArraySlice<UInt8>) -> Date? {
        text.withUnsafeBufferPointer { usual(Characters(rest: $0[...])) }
    }

    private static func usual(_ text: consuming Characters) -> Date? {
        guard let year = text.number(digits: 4, 1970...9999), text.take("-"),
            let month = text.number(digits: 2, 1...12), text.take("-"),
            let day = text.number(digits: 2, 1...31), day <= lastDay(year, month), text.take("T"),
            let hour = text.number(digits: 2, 0...23), text.take(":"),
            let minute = text.number(digits: 2, 0...59), text.take(":"),
            let second = text.number(digits: 2, 0...59)
        else { return nil }
        var milliseconds = 0
        if text.take(".") {
            guard let fraction = text.number(digits: 3, 0...999) else { return nil }
            milliseconds = fraction
        }
        guard text.take("Z"), text.rest.isEmpty else { return nil }
        let seconds = ((daysSince2001(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
        return Date(timeIntervalSinceReferenceDate: Double(seconds) + Double(milliseconds * 1_000_000) / 1e9)
    }

    /// The number of days in the Gregorian calendar. Years begin in March here, so that the leap day comes last.
    private static func daysSince2001(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let years = month < 3 ? year - 1 : year
        let months = month < 3 ? month + 9 : month - 3
        return years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day - 730_792
    }

    private static func lastDay(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The unparsed rest of a text. Not a `Substring`, which would update a reference count for every character.
    private struct Characters: ~Copyable {
        private(set) var rest: Slice<UnsafeBufferPointer<UInt8>>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(digits: Int, _ range: ClosedRange<Int>) -> Int? {
            var number = 0
            for _ in 0..<digits {
                guard let byte = rest.popFirst(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                number = number * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return range.contains(number) ? number : nil
        }
    }
}

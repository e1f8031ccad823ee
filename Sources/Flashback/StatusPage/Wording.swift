internal import FoundationEssentials

/// Formats times and numbers for the page.
struct Wording {
    /// The time from which ages are counted.
    let now: Date

    /// A non-breaking space between a number and its unit.
    private static let space = "\u{A0}"

    // MARK: Times

    /// Such as `12 s ago` or `in 52 min`, with the exact time in a tooltip and for programs.
    func relative(_ date: Date) -> HTML {
        let seconds = date.timeIntervalSince(now)
        let distance = Self.duration(abs(seconds))
        return time(date, seconds > 0 ? "in \(distance)" : "\(distance) ago")
    }

    /// The time since a date, such as `3 h`.
    func elapsed(since date: Date) -> HTML {
        time(date, Self.duration(now.timeIntervalSince(date)))
    }

    /// Such as `14:03:12 UTC`.
    func clock(_ date: Date) -> HTML {
        time(date, "\(date.formatted(Self.timeOfDay)) UTC")
    }

    private func time(_ date: Date, _ words: String) -> HTML {
        // A date outside of the usual calendar range comes from a wrong clock or response.
        guard (0...Self.lastSecond).contains(date.timeIntervalSince1970) else { return "\(text: words)" }
        let day = date.formatted(Date.ISO8601FormatStyle().year().month().day())
        return """
            <time datetime="\(text: date.formatted(.iso8601))" title="\(text: day) \(text: date.formatted(Self.timeOfDay)) UTC">\(text: words)</time>
            """
    }

    private static let timeOfDay = Date.ISO8601FormatStyle().time(includingFractionalSeconds: false)
    /// 9999-12-31T23:59:59Z.
    private static let lastSecond = 253_402_300_799.0

    /// A number of seconds in the largest unit that gives at least two, rounded down.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < lastSecond else { return "ages" }
        let whole = Int(max(0, seconds))
        return switch whole {
        case ..<120: "\(whole)\(space)s"
        case ..<7200: "\(whole / 60)\(space)min"
        case ..<172_800: "\(whole / 3600)\(space)h"
        default: "\(grouped(whole / 86_400))\(space)d"
        }
    }

    // MARK: Numbers

    /// A latency, given in seconds, such as `46 ms` or `1.2 s`.
    static func latency(_ seconds: Double) -> String {
        guard seconds >= 0, seconds < 1e6 else { return "–" }
        if seconds < 0.0095 { return "\(oneDecimal(seconds * 1000))\(space)ms" }
        if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded()))\(space)ms" }
        return "\(oneDecimal(seconds))\(space)s"
    }

    /// A ratio as a percentage with up to two decimal places, rounded down: only a full 100 % is shown as such.
    static func percentage(_ ratio: Double) -> String {
        guard (0...1.0001).contains(ratio) else { return "–" }
        // The 1e-5 compensates for floating-point error in products such as 0.9998 × 10,000.
        let hundredths = Int(ratio * 10_000 + 1e-5)
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return "\(whole)\(space)%" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)\(space)%" : "\(whole).\(rest < 10 ? "0" : "")\(rest)\(space)%"
    }

    /// Such as `10,000`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return String(
            digits.enumerated().flatMap { place, digit in
                place > 0 && (digits.count - place) % 3 == 0 && digits[place - 1] != "-" ? [",", digit] : [digit]
            })
    }

    /// Such as `1 bucket` or `10,000 buckets`.
    static func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
        "\(grouped(count)) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    // MARK: Texts

    /// A text, truncated to a number of scalars; a single character may consist of thousands of them.
    static func shortened(_ text: String, to limit: Int = 120) -> String {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex), end < scalars.endIndex
        else { return text }
        return String(scalars[..<end]) + "…"
    }
}

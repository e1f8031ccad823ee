/// Durations as Go's `time.ParseDuration` reads them, such as `1s`, `1.5h`, `300ms` or `1m30s`.
enum GoDuration {
    private static let nanoseconds: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    /// The duration; nil when the text is none, when it is negative, or longer than Go can express.
    static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var total = 0.0
        var rest = Substring(text)
        if rest.isEmpty { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            let unit = rest.dropFirst(number.count).prefix { !("0"..."9").contains($0) && $0 != "." }
            rest = rest.dropFirst(number.count + unit.count)
            guard let count = value(number), let scale = nanoseconds[String(unit)] else { return nil }
            total += count * scale
        }
        guard total < Double(Int64.max) else { return nil }
        return .nanoseconds(Int64(total))
    }

    /// `1`, `1.5`, `1.` and `.5`.
    private static func value(_ text: Substring) -> Double? {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2, text.contains(where: { $0 != "." }) else { return nil }
        return Double("0\(text)\(parts.last?.isEmpty == true ? "0" : "")")
    }
}

/// A duration in Prometheus' format: integers with units from `y` to `ms` in descending order, such as `30s`, `1h30m` or `500ms`.
///
/// The rules are those of Prometheus' configuration; `0` needs no unit.
package struct PrometheusDuration: Sendable, Hashable, CustomStringConvertible {
    package let duration: Duration

    package init(_ duration: Duration) {
        self.duration = duration
    }

    /// Units from the largest to the smallest, in milliseconds.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ("ms", 1),
    ]

    /// - Throws: ``InvalidArgument`` with a description of the format.
    package init(parsing text: String) throws(InvalidArgument) {
        if text == "0" {
            self.init(.zero)
            return
        }
        if text.hasPrefix("-") { throw InvalidArgument("a duration must not be negative") }
        let malformed = InvalidArgument("a duration is written like 30s, 5m, 1h30m or 500ms")
        var milliseconds: Int64 = 0
        var smallest = -1
        var rest = Substring(text)
        guard !rest.isEmpty else { throw malformed }
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            let unit = rest.dropFirst(digits.count).prefix { !("0"..."9").contains($0) }
            guard let number = Int64(digits), let index = Self.units.firstIndex(where: { $0.name == unit }), index > smallest
            else {
                throw malformed
            }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: Self.units[index].milliseconds)
            let (sum, overflow) = milliseconds.addingReportingOverflow(product)
            if tooLarge || overflow { throw InvalidArgument("the duration is too long") }
            milliseconds = sum
            smallest = index
            rest = rest.dropFirst(digits.count + unit.count)
        }
        self.init(.milliseconds(milliseconds))
    }

    package var description: String {
        let parts = duration.components
        var rest = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        if rest == 0 { return "0s" }
        var text = ""
        // Years and weeks are parsed but not printed: "10d" is easier to read than "1w3d".
        for (name, milliseconds) in Self.units.dropFirst(2) where rest >= milliseconds {
            text += "\(rest / milliseconds)\(name)"
            rest %= milliseconds
        }
        return text
    }
}

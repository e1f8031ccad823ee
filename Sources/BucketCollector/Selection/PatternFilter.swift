/// Which values are let through: those that one of the patterns to include matches, or any when there are none, less those that one of
/// the patterns to exclude matches.
package struct PatternFilter: Sendable, Hashable {
    package var include: [Pattern]
    package var exclude: [Pattern]

    package init(include: [Pattern] = [], exclude: [Pattern] = []) {
        self.include = include
        self.exclude = exclude
    }

    /// - Parameter value: nil for what has none, which is matched as Prometheus matches a label that is absent: as an empty value.
    package func admits(_ value: String?) -> Bool {
        let value = value ?? ""
        return (include.isEmpty || include.contains { $0.matches(value) }) && !exclude.contains { $0.matches(value) }
    }
}

internal import ArgumentParser
internal import Basics
internal import Configuration
internal import ExporterWeb
internal import Exposition
internal import FlashbackCollectors

/// Selects what is exported of the collected data.
struct MetricOptions: ParsableArguments {
    @Option(
        name: .customLong("metrics.include"),
        help: ArgumentHelp(
            "Export only the metrics whose whole name matches this extended regular expression; may be repeated. Collectors without "
                + "any exported metric make no requests.", valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var includedFamilies: [Pattern] = []

    @Option(
        name: .customLong("metrics.exclude"),
        help: ArgumentHelp(
            "Exclude the metrics whose whole name matches, even if included; may be repeated.", valueName: "pattern"),
        transform: Pattern.init(parsing:))
    var excludedFamilies: [Pattern] = []

    @Option(
        name: .customLong("metrics.states"),
        help: ArgumentHelp(
            "Which series a state has: one for each possible value, with 1 for the current one and 0 for the others, or only the "
                + "current one's.", valueName: "states"))
    var states = ExportedStates.all

    /// The selection described by these options.
    /// - Throws: a one-line error with a pattern that selects nothing.
    func selection() throws(InvalidArgument) -> MetricSelection {
        for (flag, patterns) in [("--metrics.include", includedFamilies), ("--metrics.exclude", excludedFamilies)] {
            for pattern in patterns where !Self.names.contains(where: pattern.matches) {
                throw InvalidArgument("\(flag): no metric has a name that matches \(pattern.text.debugDescription)")
            }
        }
        return MetricSelection(
            families: PatternFilter(include: includedFamilies, exclude: excludedFamilies), states: states)
    }

    /// The names of all metrics, including those of disabled collectors.
    private static let names = Set((MetricSources.all().flatMap(\.families) + TrafficHistoryFamilies.families).map(\.name))
}

extension ExportedStates: ExpressibleByArgument {}

internal import ArgumentParser
internal import Exposition

/// Selects what is exported of the collected data.
struct MetricOptions: ParsableArguments {
    @Option(
        name: .customLong("metrics.states"),
        help: ArgumentHelp(
            "Which series a state has: one for each possible value, with 1 for the current one and 0 for the others, or only the "
                + "current one's.", valueName: "states"))
    var states = ExportedStates.all

    /// The selection described by these options.
    func selection() -> MetricSelection { MetricSelection(states: states) }
}

extension ExportedStates: ExpressibleByArgument {}

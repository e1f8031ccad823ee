package import Basics

/// Which of the known data a program exports. Everything else is not written, so it takes no memory.
package struct MetricSelection: Sendable, Hashable {
    /// Which families are written, by their names.
    package var families = PatternFilter()
    /// Which samples of state sets are written.
    package var states = ExportedStates.all

    package init(families: PatternFilter = PatternFilter(), states: ExportedStates = .all) {
        self.families = families
        self.states = states
    }

    /// Whether samples of a family are written.
    package func admits(_ family: MetricFamily) -> Bool { families.admits(family.name) }
}

/// Which samples of a state set are written. A state set is a family of gauges with a label for the state: the current state's
/// sample is 1, the others' are 0.
package enum ExportedStates: String, Sendable, Hashable, CaseIterable {
    /// One sample per state, so that the end of a state is visible as a 0.
    case all
    /// Only the current state's sample. The families remain gauges, since a `stateset` of OpenMetrics 1.0 contains all of its states.
    case current
}

package import FoundationEssentials

/// How a collector fared when it last ran.
package struct CollectorReport: Sendable {
    package let collector: String
    /// Whether its latest run got an answer: for a collector that asks for each bucket, an answer for at least one of them.
    package var succeeded = false
    /// How long its latest run took.
    package var duration = Duration.zero
    package var lastSuccess: Date?
    /// What it could not export, since the program started.
    package var dropped = DroppedRows()
    /// Whether it has run at all.
    package var hasRun = false

    init(collector: String) {
        self.collector = collector
    }
}

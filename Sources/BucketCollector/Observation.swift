package import FoundationEssentials

/// A reading and when it was made.
package struct Observation<Reading: Sendable>: Sendable {
    package let reading: Reading
    /// The steady time, from which its age is measured.
    package let uptime: Duration
    /// The calendar's time, for timestamps.
    package let date: Date
}

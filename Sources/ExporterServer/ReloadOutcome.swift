/// What became of a request to read the configuration again.
package enum ReloadOutcome: Sendable, Hashable {
    /// It was read, and is in force.
    case inForce
    /// It cannot be used, for a reason of one line, and the one before it stays in force.
    case refused(String)
}

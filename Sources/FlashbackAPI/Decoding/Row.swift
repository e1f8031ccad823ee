/// One object of a list in an answer.
package protocol Row: Sendable {
    /// Reads the row; nil when it lacks what identifies it.
    init?(fields: inout RowFields)
}

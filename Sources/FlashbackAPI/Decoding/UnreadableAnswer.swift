/// Why the body of an answer with a 2xx status could not be used.
package enum UnreadableAnswer: Error, Sendable, Hashable {
    case empty
    /// Not JSON, or cut off.
    case notJSON
    /// JSON, but without the list that was asked for.
    case missingList(name: String)
    /// A list that has rows, none of which could be read.
    case unreadableRows(name: String)
    /// A list with more rows than there can be.
    case tooManyRows(name: String, limit: Int)
    /// A 200 whose body says `success: false`.
    case unsuccessful(ErrorEnvelope)
}

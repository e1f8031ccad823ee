/// One object of a list in an answer.
package protocol Row: Sendable {
    /// Reads the row; nil when it lacks what identifies it.
    init?(fields: inout RowFields)
}

/// The rows of an answer that could be read, and how much could not.
package struct Rows<Element: Row>: Sendable {
    package private(set) var rows: [Element] = []
    /// Elements that are not objects, or that lack what identifies them.
    package private(set) var malformedRows = 0
    /// Fields of the wrong kind in rows that are otherwise read.
    package private(set) var malformedFields = 0
    /// Fields of the right kind whose values cannot be, such as a negative number of bytes.
    package private(set) var outOfRangeFields = 0
    /// Whether there were more rows than were to be kept.
    private(set) var isTooLong = false
    private let most: Int

    /// - Parameter most: how many rows are kept.
    init(most: Int) {
        self.most = most
    }

    /// Reads an element of the list.
    /// - Parameter object: nil for one that is no object, or none that can be read.
    mutating func append(_ object: JSONObject?) {
        guard let object else {
            malformedRows += 1
            return
        }
        guard rows.count < most else {
            isTooLong = true
            return
        }
        var fields = RowFields(object)
        if let row = Element(fields: &fields) {
            rows.append(row)
        } else {
            malformedRows += 1
        }
        malformedFields += fields.malformed
        outOfRangeFields += fields.outOfRange
    }
}

extension Rows: Equatable where Element: Equatable {}

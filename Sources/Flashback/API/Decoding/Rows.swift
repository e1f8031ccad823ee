/// One object of a list in a response.
package protocol Row: Sendable {
    /// Decodes the row; nil when it lacks its identifier.
    init?(fields: inout RowFields)
}

/// The decoded rows of a response, and counts of what could not be decoded.
package struct Rows<Element: Row>: Sendable {
    package private(set) var rows: [Element] = []
    /// Elements that are not objects, or that lack their identifier.
    package private(set) var malformedRows = 0
    /// Fields of the wrong kind in rows that were decoded.
    package private(set) var malformedFields = 0
    /// Fields of the right kind with impossible values, such as a negative number of bytes.
    package private(set) var outOfRangeFields = 0
    /// Whether there were more rows than the maximum.
    private(set) var isTooLong = false
    private let maximum: Int

    /// - Parameter maximum: the maximum number of rows to keep.
    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Decodes an element of the list.
    /// - Parameter object: nil for an element that is not an object or cannot be decoded.
    mutating func append(_ object: JSONObject?) {
        guard let object else {
            malformedRows += 1
            return
        }
        guard rows.count < maximum else {
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

    /// Adds the rows and counts of the list's next page.
    mutating func append(_ page: Rows) {
        rows += page.rows
        malformedRows += page.malformedRows
        malformedFields += page.malformedFields
        outOfRangeFields += page.outOfRangeFields
        isTooLong = isTooLong || page.isTooLong || rows.count > maximum
    }

    /// Counts the unreadable fields of an object that belongs to the answer but is not one of the rows.
    mutating func count(unreadIn fields: RowFields) {
        malformedFields += fields.malformed
        outOfRangeFields += fields.outOfRange
    }
}

extension Rows: Equatable where Element: Equatable {}

/// The rows of an answer that could be read, and how much could not.
package struct Rows<Element: Row>: Sendable {
    package private(set) var rows: [Element] = []
    /// Elements that are not objects, or that lack what identifies them.
    package private(set) var malformedRows = 0
    /// Fields of the wrong kind in rows that are otherwise read.
    package private(set) var malformedFields = 0

    /// Fails when the value is no list.
    /// - Parameter index: that of a value of the document.
    init?(_ document: JSONDocument, at index: Int) {
        let list = document.values[index]
        guard list.kind == .array else { return nil }
        var index = index + 1
        while index < list.next {
            if var fields = RowFields(document, at: index) {
                if let row = Element(fields: &fields) {
                    rows.append(row)
                } else {
                    malformedRows += 1
                }
                malformedFields += fields.malformed
            } else {
                malformedRows += 1
            }
            index = document.values[index].next
        }
    }
}

extension Rows: Equatable where Element: Equatable {}

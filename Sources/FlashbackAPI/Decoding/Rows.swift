/// The rows of an answer that could be read, and how much could not.
package struct Rows<Element: Row>: Sendable, Decodable {
    package private(set) var rows: [Element] = []
    /// Elements that are not objects, or that lack what identifies them.
    package private(set) var malformedRows = 0
    /// Fields of the wrong kind in rows that are otherwise read.
    package private(set) var malformedFields = 0

    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        if let count = container.count { rows.reserveCapacity(count) }
        while !container.isAtEnd {
            // What throws would end the whole list, and leaves the element where it is.
            guard let object = try? container.nestedContainer(keyedBy: FieldName.self) else {
                _ = try container.decode(Anything.self)
                malformedRows += 1
                continue
            }
            var fields = RowFields(object)
            if let row = Element(fields: &fields) {
                rows.append(row)
            } else {
                malformedRows += 1
            }
            malformedFields += fields.malformed
        }
    }

    /// An element that is passed over.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }
}

extension Rows: Equatable where Element: Equatable {}

package import Basics

/// A row of `GET /bucket/available`, of which only the id says something that `GET /bucket` does not.
package struct AvailableBucket: Row, Hashable {
    package let id: Identifier

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.id) else { return nil }
        self.id = id
    }
}

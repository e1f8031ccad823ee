/// A place in a YAML text.
package struct YAMLPosition: Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    package let line: Int
    /// In characters, from 1.
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Such as "line 3, column 5".
    package var description: String { "line \(line), column \(column)" }
}

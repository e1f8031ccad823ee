/// The one document of a YAML text, as a tree.
///
/// Aliases stand for what their anchor names, and the merge key `<<` brings in the entries of other mappings that are not
/// overridden, as Go's yaml.v2 reads them. What could be read in two ways is an error: a key given twice, a key that is not a
/// single value, tags other than `!!str`, and a second document.
package enum YAMLDocument {
    /// Reads a text in UTF-8 or UTF-16.
    /// - Returns: its root; a null where the text is empty.
    /// - Throws: ``YAMLError``, which says where.
    package static func read(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode {
        guard bytes.count <= limits.bytes else {
            throw YAMLError(at: YAMLPosition(line: 1, column: 1), "the text is longer than \(limits.bytes) bytes")
        }
        var composer = YAMLComposer(events: YAMLEvents(bytes), limits: limits)
        return try composer.document()
    }
}

/// Why a YAML text cannot be used, and where: one line for the person who wrote it. It never repeats a value, which may be a secret.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
    package let position: YAMLPosition
    package let message: String

    package init(at position: YAMLPosition, _ message: String) {
        self.position = position
        self.message = message
    }

    package var description: String { "\(position): \(message)" }
}

/// How much of a YAML text is read. The defaults are far above what a person writes.
package struct YAMLLimits: Sendable, Hashable {
    package var bytes = 1_048_576
    /// Lists and mappings within each other.
    package var depth = 32
    /// Values, those that an alias repeats being counted again: a few lines of aliases can stand for billions.
    package var nodes = 20_000

    package init() {}
}

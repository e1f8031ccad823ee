/// Parses a YAML text with one document into a tree.
///
/// Aliases are replaced by the anchored node, and the merge key `<<` adds the entries of other mappings that are not overridden,
/// as in Go's yaml.v2. Ambiguous input is an error: duplicate keys, keys that are not scalars, tags other than `!!str`, and a
/// second document.
package enum YAMLDocument {
    /// Parses a text in UTF-8 or UTF-16.
    /// - Returns: its root; a null for an empty text.
    /// - Throws: ``YAMLError`` with the position.
    package static func read(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode {
        guard bytes.count <= limits.bytes else {
            throw YAMLError(at: YAMLPosition(line: 1, column: 1), "the text is longer than \(limits.bytes) bytes")
        }
        var composer = YAMLComposer(events: YAMLEvents(bytes), limits: limits)
        return try composer.document()
    }
}

/// Why and where a YAML text is invalid: one line for its author. It never repeats a value, which may be a secret.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
    package let position: YAMLPosition
    package let message: String

    package init(at position: YAMLPosition, _ message: String) {
        self.position = position
        self.message = message
    }

    package var description: String { "\(position): \(message)" }
}

/// The maximum size of a YAML text. The defaults are far above anything written by hand.
package struct YAMLLimits: Sendable, Hashable {
    package var bytes = 1_048_576
    /// The maximum nesting depth of lists and mappings.
    package var depth = 32
    /// The maximum number of values, with aliased ones counted each time: a few lines of aliases can expand to billions.
    package var nodes = 20_000

    package init() {}
}

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

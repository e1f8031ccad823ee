/// A mapping whose keys are known: one that is not is an error, so that a misspelt setting is not a setting that has no effect.
package struct YAMLFields<Key: CaseIterable & Hashable & RawRepresentable<String> & Sendable>: Sendable {
    /// Where the mapping stands.
    package let position: YAMLPosition
    private let values: [Key: YAMLNode]

    /// - Parameters:
    ///   - node: a mapping, or nothing for one without entries.
    ///   - place: how the mapping is called in messages, such as "tls_server_config".
    /// - Throws: ``YAMLError`` when it is something else, or has another key than those of the type.
    package init(_ node: YAMLNode, in place: String, keys: Key.Type = Key.self) throws(YAMLError) {
        position = node.position
        var values: [Key: YAMLNode] = [:]
        for entry in try node.entries(of: place) {
            guard let key = Key(rawValue: entry.key) else {
                let known = Key.allCases.map(\.rawValue)
                let hint =
                    YAMLName.nearest(to: entry.key, among: known).map { "did you mean \($0)?" }
                    ?? "known are \(known.joined(separator: ", "))"
                throw YAMLError(at: entry.keyPosition, "\(place) has no key \(YAMLName.quoted(entry.key)); \(hint)")
            }
            if !entry.value.isNull { values[key] = entry.value }
        }
        self.values = values
    }

    /// The value of a key; nil when it is not given, or is null.
    package subscript(key: Key) -> YAMLNode? { values[key] }

    /// Whether no key has a value.
    package var isEmpty: Bool { values.isEmpty }
}

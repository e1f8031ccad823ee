/// Interprets nodes as values of an expected type. `name` is the value's name in messages.
extension YAMLNode {
    /// Whether the value is null: empty, `~` or `null`.
    package var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// A text: any scalar, as written; Go's yaml.v2 also reads `X-XSS-Protection: 1` as "1".
    package func text(of name: String) throws(YAMLError) -> String {
        guard case .scalar(let scalar) = content, !isNull else { throw mistaken(name, "a string") }
        return scalar.text
    }

    /// A boolean: one of YAML 1.1's words that Go's yaml.v2 knows, unquoted.
    package func boolean(of name: String) throws(YAMLError) -> Bool {
        if case .scalar(let scalar) = content, scalar.isPlain {
            switch scalar.text {
            case "true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON": return true
            case "false", "False", "FALSE", "no", "No", "NO", "n", "N", "off", "Off", "OFF": return false
            default: break
            }
        }
        throw mistaken(name, "true or false, without quotes")
    }

    /// A decimal integer. YAML 1.1 reads `010` as eight, which users rarely expect: leading zeros are an error.
    package func integer(of name: String) throws(YAMLError) -> Int {
        if case .scalar(let scalar) = content, scalar.isPlain {
            let digits = scalar.text.drop { $0 == "-" }
            if scalar.text.count - digits.count <= 1, digits.allSatisfy({ ("0"..."9").contains($0) }),
                digits.count == 1 || !digits.hasPrefix("0"), let number = Int(scalar.text)
            {
                return number
            }
        }
        throw mistaken(name, "a whole number, without quotes and leading zeros")
    }

    /// The elements of a list; empty for null.
    package func elements(of name: String) throws(YAMLError) -> [YAMLNode] {
        if isNull { return [] }
        guard case .sequence(let elements) = content else { throw mistaken(name, "a list") }
        return elements
    }

    /// The entries of a mapping; empty for null.
    package func entries(of name: String) throws(YAMLError) -> [YAMLEntry] {
        if isNull { return [] }
        guard case .mapping(let entries) = content else { throw mistaken(name, "a mapping of keys to values") }
        return entries
    }

    private func mistaken(_ name: String, _ expected: String) -> YAMLError {
        guard case .scalar = content, !isNull else {
            return YAMLError(at: position, "\(name) must be \(expected), not \(kind)")
        }
        return YAMLError(at: position, "\(name) must be \(expected)")
    }
}

/// A mapping with a fixed set of keys. An unknown key is an error, so that a misspelt setting is not silently ignored.
package struct YAMLFields<Key: CaseIterable & Hashable & RawRepresentable<String> & Sendable>: Sendable {
    /// The mapping's position.
    package let position: YAMLPosition
    private let values: [Key: YAMLNode]

    /// - Parameters:
    ///   - node: a mapping, or null for an empty mapping.
    ///   - place: the mapping's name in messages, such as "tls_server_config".
    /// - Throws: ``YAMLError`` when the node is not a mapping, or has an unknown key.
    package init(_ node: YAMLNode, in place: String, keys: Key.Type = Key.self) throws(YAMLError) {
        position = node.position
        var values: [Key: YAMLNode] = [:]
        for entry in try node.entries(of: place) {
            guard let key = Key(rawValue: entry.key) else {
                let known = Key.allCases.map(\.rawValue)
                let hint =
                    YAMLName.nearest(to: entry.key, among: known).map { "did you mean \($0)?" }
                    ?? "known: \(known.joined(separator: ", "))"
                throw YAMLError(at: entry.keyPosition, "\(place) has no key \(YAMLName.quoted(entry.key)); \(hint)")
            }
            if !entry.value.isNull { values[key] = entry.value }
        }
        self.values = values
    }

    /// A key's value; nil when it is missing or null.
    package subscript(key: Key) -> YAMLNode? { values[key] }

    /// Whether no key has a value.
    package var isEmpty: Bool { values.isEmpty }
}

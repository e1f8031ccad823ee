/// A value in a YAML text, with its position.
package struct YAMLNode: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In text order, without duplicate keys.
        case mapping([YAMLEntry])
    }

    package let content: Content
    package let position: YAMLPosition

    package init(_ content: Content, at position: YAMLPosition) {
        self.content = content
        self.position = position
    }

    /// The kind of value, for messages.
    package var kind: String {
        switch content {
        case .scalar: isNull ? "null" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A key and its value.
package struct YAMLEntry: Sendable, Hashable {
    package let key: String
    package let keyPosition: YAMLPosition
    package let value: YAMLNode
}

/// A scalar as written. Its type depends on what is expected, so it is kept as text.
///
/// Its description hides the value, which may be a secret.
package struct YAMLScalar: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    package let text: String
    /// Whether it was written without quotes, so that its type may be something other than text.
    package let isPlain: Bool

    package init(text: String, isPlain: Bool) {
        self.text = text
        self.isPlain = isPlain
    }

    package var description: String { "<value>" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A position in a YAML text.
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

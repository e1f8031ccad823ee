/// A value that never shows itself: whatever prints, interpolates, dumps or reflects it gets `<redacted>`.
package struct Secret: Sendable, Hashable {
    private let value: String

    package init(_ value: String) {
        self.value = value
    }

    /// The value itself, for the one place that sends it.
    package func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private static let redacted = "<redacted>"

    package var description: String { Self.redacted }

    package var debugDescription: String { Self.redacted }

    /// A mirror without children: `dump`, and the default description of a type that holds a secret, look through it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

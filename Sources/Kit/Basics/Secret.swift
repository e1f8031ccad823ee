/// A value that is never displayed: printing, interpolating, dumping or reflecting it yields `<redacted>`.
package struct Secret: Sendable, Hashable {
    private let value: String

    package init(_ value: String) {
        self.value = value
    }

    /// The value itself. Call it only where the value is sent.
    package func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private static let redacted = "<redacted>"

    package var description: String { Self.redacted }

    package var debugDescription: String { Self.redacted }

    /// A mirror without children, because `dump` and the default description of an enclosing type use reflection.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

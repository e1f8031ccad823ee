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

/// Why a flag's value, or the combination of several, cannot be used: one line for the person who typed it.
package struct InvalidArgument: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

internal import YAMLTree

/// Why a web configuration file cannot be used: one line, without anything that may be a secret.
package struct WebConfigurationError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    init(at position: YAMLPosition, _ message: String) {
        self.init("\(YAMLError(at: position, message))")
    }

    init(_ error: YAMLError) {
        self.init("\(error)")
    }

    /// The same with the name of the file before it.
    func inFile(_ path: String) -> WebConfigurationError { WebConfigurationError("\(path): \(description)") }
}

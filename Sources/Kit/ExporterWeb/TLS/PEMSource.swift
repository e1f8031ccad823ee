internal import Configuration

/// Where a certificate or a key is: in a file, or in the configuration itself.
struct PEMSource: Sendable, CustomReflectable {
    enum Place: Sendable {
        case file(String)
        case inline([UInt8])
    }

    /// The key that it was given with, such as "cert_file".
    let key: String
    let position: YAMLPosition
    private let place: Place

    init(_ place: Place, key: String, position: YAMLPosition) {
        self.place = place
        self.key = key
        self.position = position
    }

    /// What is in PEM form.
    func bytes(_ files: inout WatchedFiles) throws(WebConfigurationError) -> [UInt8] {
        switch place {
        case .inline(let bytes): return bytes
        case .file(let path):
            do {
                return try files.read(path)
            } catch {
                throw self.error("\(error)")
            }
        }
    }

    /// Says what is wrong with it.
    func error(_ message: String) -> WebConfigurationError {
        WebConfigurationError(at: position, "\(key): \(message)")
    }

    /// Does not show what may be a private key.
    var customMirror: Mirror { Mirror(self, children: []) }
}

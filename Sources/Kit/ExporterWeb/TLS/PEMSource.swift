internal import Configuration

/// The location of a certificate or key: a file, or the configuration itself.
struct PEMSource: Sendable, CustomReflectable {
    enum Place: Sendable {
        case file(String)
        case inline([UInt8])
    }

    /// The key under which it was configured, such as "cert_file".
    let key: String
    let position: YAMLPosition
    private let place: Place

    init(_ place: Place, key: String, position: YAMLPosition) {
        self.place = place
        self.key = key
        self.position = position
    }

    /// The PEM data.
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

    /// An error about this source.
    func error(_ message: String) -> WebConfigurationError {
        WebConfigurationError(at: position, "\(key): \(message)")
    }

    /// Hides a possible private key.
    var customMirror: Mirror { Mirror(self, children: []) }
}

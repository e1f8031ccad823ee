#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A configuration file that has been read, but not yet understood.
struct ConfigurationFile {
    let path: String
    /// A mapping, or nothing where the file is empty.
    let root: YAMLNode

    /// Reads a file.
    /// - Throws: ``InvalidArgument``, which names the file, and the line where it is not YAML.
    init(path: String) throws(InvalidArgument) {
        self.path = path
        let bytes = try Self.bytes(of: path)
        do throws(YAMLError) {
            root = try YAMLDocument.read(bytes)
        } catch {
            throw InvalidArgument("\(SettingOrigin.file(path: path, error.position)): \(error.message)")
        }
    }

    private static func bytes(of path: String) throws(InvalidArgument) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw failure(path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        // More than the limit of the YAML's reader is not needed for it to say so.
        while bytes.count <= YAMLLimits().bytes {
            let count = fread(&piece, 1, piece.count, file)
            bytes += piece[..<count]
            if ferror(file) != 0 { throw failure(path) }
            if count == 0 { break }
        }
        return bytes
    }

    private static func failure(_ path: String) -> InvalidArgument {
        InvalidArgument("cannot read the configuration file \(path): \(String(cString: strerror(errno)))")
    }
}

/// How a program is configured in layers: its settings, and what is particular about some names.
package struct ConfigurationRules: Sendable {
    /// All settings.
    package let catalogue: @Sendable () -> SettingCatalogue
    /// What the variables' names begin with, such as "EXAMPLE_EXPORTER_".
    package let variablePrefix: String
    /// The setting that names the configuration file. The file itself cannot have it.
    package let fileSetting: String
    /// Keys of the file that are no settings: the program reads what stands under them itself.
    package let documents: [String]
    /// What to do instead of giving something that is no setting, by the name that it would have: for secrets, which belong into
    /// files of their own.
    package let advice: [String: String]

    package init(
        catalogue: @escaping @Sendable () -> SettingCatalogue, variablePrefix: String, fileSetting: String, documents: [String],
        advice: [String: String]
    ) {
        self.catalogue = catalogue
        self.variablePrefix = variablePrefix
        self.fileSetting = fileSetting
        self.documents = documents
        self.advice = advice
    }
}

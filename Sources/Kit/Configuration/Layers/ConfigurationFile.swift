#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A parsed configuration file whose content is not validated yet.
struct ConfigurationFile {
    let path: String
    /// A mapping, or null if the file is empty.
    let root: YAMLNode

    /// Reads a file.
    /// - Throws: ``InvalidArgument`` with the file's name, and the line where it is not valid YAML.
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
        // Anything longer is rejected by the YAML parser anyway.
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

/// How a program is configured in layers: its settings, and the names with a special meaning.
package struct ConfigurationRules: Sendable {
    /// All settings.
    package let catalogue: @Sendable () -> SettingCatalogue
    /// What the variables' names begin with, such as "EXAMPLE_EXPORTER_".
    package let variablePrefix: String
    /// The setting for the configuration file's path, which is not allowed in the file itself.
    package let fileSetting: String
    /// Keys of the file that are not settings; the program reads their values itself.
    package let documents: [String]
    /// Advice for names that are not settings, such as secrets, which belong in files of their own.
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

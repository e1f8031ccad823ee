internal import YAMLTree

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

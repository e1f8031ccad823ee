import Foundation

/// A file or directory of this checkout that the tests read in place.
struct RepositoryFile {
    let url: URL

    /// - Parameter path: relative to the root of the checkout.
    init(_ path: String) {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        url = root.appending(path: path)
    }

    var path: String { url.path(percentEncoded: false) }

    func text() throws -> String { try String(contentsOf: url, encoding: .utf8) }

    /// The sorted names of a directory's files with a suffix.
    func names(endingIn suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(suffix) }.sorted()
    }
}

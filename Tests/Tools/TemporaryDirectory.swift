import Foundation

/// A directory that is removed with this value.
package final class TemporaryDirectory: Sendable {
    private let url: URL

    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "exporter-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Creates a directory for the duration of a closure.
    package static func with<Result>(_ body: (TemporaryDirectory) async throws -> Result) async throws -> Result {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        return try await body(directory)
    }

    /// The path of a file in it, or of the directory itself.
    package func path(_ name: String = "") -> String {
        name.isEmpty ? url.path(percentEncoded: false) : url.appending(path: name).path(percentEncoded: false)
    }

    /// Creates a directory in it and returns its path.
    package func made(_ name: String) throws -> String {
        try FileManager.default.createDirectory(at: url.appending(path: name), withIntermediateDirectories: true)
        return path(name)
    }

    /// Writes a file, replacing an existing one atomically, and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name), options: .atomic)
        return path(name)
    }

    package func text(of name: String) throws -> String {
        // Data(contentsOf:) leaks its buffer when the file is empty.
        let file = try FileHandle(forReadingFrom: url.appending(path: name))
        defer { try? file.close() }
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }

    /// The names of its files.
    package func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path()).sorted()
    }

    /// A file's permission bits.
    package func mode(of name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
    }

    package func setMode(_ mode: Int, of name: String = "") throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }
}

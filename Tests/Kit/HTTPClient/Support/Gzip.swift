import Foundation

enum Gzip {
    /// Compressed with the `gzip` command.
    static func compress(_ text: String) throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        _ = try directory.write(text, to: "text")
        try Command.run("gzip", "-9", "text", in: directory.url)
        return Array(try Data(contentsOf: directory.url.appending(path: "text.gz")))
    }
}

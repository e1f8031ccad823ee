import Foundation
import TestTools

enum Gzip {
    /// Compressed with the `gzip` command.
    static func compress(_ text: String) throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        _ = try directory.write(text, to: "text")
        try Command.succeed(["gzip", "-9", "text"], in: directory.path())
        return Array(try Data(contentsOf: URL(filePath: directory.path("text.gz"))))
    }
}

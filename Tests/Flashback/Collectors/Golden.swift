import Foundation
import Testing

/// Compares a response with the golden file under `Goldens`.
///
/// `UPDATE_GOLDENS=1 swift test --filter GoldenTests` rewrites the files: review the differences before you commit them.
func expectGolden(_ name: String, _ body: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name).txt")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
        try Data(body).write(to: file)
        return
    }
    let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
    let actual = String(decoding: body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard expected != actual else { return }
    let number = zip(expected, actual).prefix { $0 == $1 }.count
    Issue.record(
        """
        \(name).txt differs from line \(number + 1) on (UPDATE_GOLDENS=1 rewrites it).
        expected: \(expected.indices.contains(number) ? String(expected[number]) : "the end")
        got:      \(actual.indices.contains(number) ? String(actual[number]) : "the end")
        """, sourceLocation: sourceLocation)
}

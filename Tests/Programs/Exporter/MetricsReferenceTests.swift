import Foundation
import Testing

@testable import FlashbackExporter

@Suite struct MetricsReferenceTests {
    @Test func referenceIsUpToDate() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/metrics.md").standardized
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        // The page is written by hand below this mark.
        let parts = text.components(separatedBy: "\n<!-- /reference: ")
        try #require(parts.count == 2, "docs/metrics.md has lost the mark below the reference")
        #expect(parts[0] == MetricsReference.markdown, "docs/metrics.md is out of date: run ./scripts/update-docs.sh")
    }

    @Test func tablesAreWellFormed() {
        for line in MetricsReference.markdown.split(separator: "\n") where line.hasPrefix("|") {
            #expect(line.filter { $0 == "|" }.count == 5, "\(line)")
        }
    }
}

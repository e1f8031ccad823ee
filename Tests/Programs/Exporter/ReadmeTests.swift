import ArgumentParser
import Configuration
import Foundation
import Testing

@testable import FlashbackExporter

@Suite("README.md")
struct ReadmeTests {
    @Test("The flags in it are those of --help")
    func flags() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../README.md").standardized
        let readme = try String(contentsOf: url, encoding: .utf8)
        let block = try #require(readme.firstMatch(of: /(?s)<!-- flags.*?```text\n(.*?)\n```/), "the flags have lost their marks")
        func withoutTrailingSpaces(_ text: some StringProtocol) -> [String] {
            text.split(separator: "\n", omittingEmptySubsequences: false).map {
                String($0.reversed().drop { $0 == " " }.reversed())
            }
        }
        let help = CommandLineProgram.help(ExporterCommand.helpMessage(columns: 80), ExporterConfiguration.rules)
            .trimmingCharacters(in: .newlines)
        let written = String(block.1).trimmingCharacters(in: .newlines)
        #expect(
            withoutTrailingSpaces(written) == withoutTrailingSpaces(help), "run ./scripts/update-docs.sh and commit what it wrote"
        )
    }
}

import ArgumentParser
import Configuration
import Foundation
import Testing

@testable import FlashbackExporter

@Suite struct HelpInDocumentsTests {
    private static func text(of path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func help(columns: Int) -> String {
        CommandLineProgram.help(ExporterCommand.helpMessage(columns: columns), ExporterConfiguration.rules)
    }

    /// The flags in the help with their texts, each joined into one line.
    private static func flagsInHelp() -> [String: String] {
        var texts: [String: String] = [:]
        var flag: String?
        for line in help(columns: 100_000).split(separator: "\n", omittingEmptySubsequences: false) {
            if let entry = line.wholeMatch(of: #/  (--[^ ]+)(.*)/#) {
                flag = String(entry.1)
                // The flag is followed by its value in angle brackets, if it takes one.
                texts[String(entry.1)] = String(entry.2.trimmingPrefix(#/ <[^>]+>/#)).trimmingCharacters(in: .whitespaces)
            } else if let name = flag, line.hasPrefix("   ") {
                texts[name] = "\(texts[name] ?? "") \(line.trimmingCharacters(in: .whitespaces))"
                    .trimmingCharacters(in: .whitespaces)
            } else {
                flag = nil
            }
        }
        return texts
    }

    /// The help text of a setting, derived from its row in the reference.
    private static func expected(_ cells: [String]) -> (flag: String, text: String) {
        let isSwitch = cells[0].hasPrefix("--[no-]")
        let name = cells[0].replacing("--[no-]", with: "--")
        let negated = name.replacing(/^--/, with: "--no-")
        let value = isSwitch ? (cells[3] == "true" ? name : negated) : cells[3]
        var text = cells[4]
        var notes: [String] = []
        if let values = text.firstMatch(of: #/ One of (.*)\.$/#) {
            notes.append("values: \(values.1)")
            text.removeSubrange(values.range)
        }
        if !value.isEmpty { notes.append("default: \(value)") }
        if !notes.isEmpty { text += " (\(notes.joined(separator: "; ")))" }
        return (isSwitch ? "\(name)/\(negated)" : name, "\(text) [$\(cells[1])]")
    }

    @Test func configurationDocumentMatchesTheHelp() throws {
        let rows = try Self.text(of: "docs/configuration.md").split(separator: "\n").filter { $0.hasPrefix("| `--") }
        let reference = rows.map { row in
            Self.expected(
                row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
                    $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "")
                })
        }
        var help = Self.flagsInHelp()
        for (flag, text) in reference {
            #expect(help.removeValue(forKey: flag) == text, "\(flag)")
        }
        // These exist only on the command line. The document's text explains the first one.
        #expect(help.keys.sorted() == ["--config.check", "--version"])
    }

    @Test func operatingDocumentMatchesTheHelp() throws {
        let guide = try Self.text(of: "docs/operating.md")
        let block = try #require(
            guide.firstMatch(of: /(?s)<!-- commands.*?```text\n(.*?)\n```\n<!-- \/commands -->/),
            "the commands have lost their marks")
        let help = Self.help(columns: 80)
        let section = try #require(help.firstMatch(of: /(?s)\nSUBCOMMANDS:\n(.*?)\n\n/))
        func withoutTrailingSpaces(_ text: Substring) -> [String] {
            text.split(separator: "\n").map { String($0.reversed().drop { $0 == " " }.reversed()) }
        }
        #expect(
            withoutTrailingSpaces(block.1) == withoutTrailingSpaces(section.1),
            "run ./scripts/update-docs.sh and commit what it wrote")
    }
}

import Foundation
import Testing

/// The rules for the folders of sources and tests.
@Suite struct SourceLayoutTests {
    private func files(under folder: String) throws -> [(path: String, text: String)] {
        let root = RepositoryFile(folder).url
        let paths = try #require(FileManager.default.enumerator(atPath: root.path())).compactMap { $0 as? String }
        return try paths.filter { $0.hasSuffix(".swift") || $0.hasSuffix(".h") || $0.hasSuffix(".c") }
            .map { (folder + "/" + $0, try String(contentsOf: root.appending(path: $0), encoding: .utf8)) }
    }

    @Test func kitDoesNotMentionFlashback() throws {
        let files = try files(under: "Sources/Kit")
        #expect(files.count > 80)
        for (path, text) in files { #expect(!text.lowercased().contains("flashback"), "\(path)") }
    }

    @Test func filesAndFoldersStayWithinTheirLimits() throws {
        let files = try files(under: "Sources")
        for (path, text) in files {
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 301, "\(path)")
        }
        let folders = Dictionary(grouping: files) { $0.path.split(separator: "/").dropLast().joined(separator: "/") }
        for (folder, files) in folders { #expect(files.count <= 15, "\(folder)") }
    }

    @Test func modulesImportOnlyLowerModules() throws {
        let floors = ["Sources/Kit": ["Flashback"], "Sources/Flashback": ["FlashbackExporter", "SimulatorCommand"]]
        for (folder, above) in floors {
            for (path, text) in try files(under: folder) {
                for line in text.split(separator: "\n") where line.contains("import ") && !line.hasPrefix("//") {
                    let module = line.split(separator: " ").last ?? ""
                    let isAbove = above.contains { folder == "Sources/Kit" ? module.hasPrefix($0) : module == $0 }
                    #expect(!isAbove, "\(path): \(line)")
                }
            }
        }
    }

    @Test func onlyTheProgramsNameFlagsInTheirMessages() throws {
        for folder in ["Sources/Kit", "Sources/Flashback"] {
            for (path, text) in try files(under: folder) {
                for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                    #expect(!line.contains(/"[^"]*--[a-z]+[.-][a-z]/), "\(path): \(line)")
                }
            }
        }
    }

    /// The name of a test is a statement in camel case: CONTRIBUTING.md, "Testing".
    @Test func testsAndSuitesHaveNoTitles() throws {
        let files = try files(under: "Tests").filter { $0.path.hasSuffix(".swift") }
        #expect(files.count > 100)
        for (path, text) in files {
            for match in text.matches(of: /@(Test|Suite)\(\s*#*"|func\s+`/) {
                let line = text[..<match.range.lowerBound].count { $0 == "\n" } + 1
                Issue.record("\(path):\(line): \(match.output.0)")
            }
        }
    }
}

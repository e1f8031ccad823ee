import Foundation
import Testing

/// A document of this project: its text, and the commands and links that a reader would run or follow.
struct Document: CustomTestStringConvertible, Sendable {
    /// The path from the root of the checkout, such as `docs/metrics.md`.
    let path: String
    let text: String

    /// A fenced part of a document, without the indentation that it has in a list.
    struct Block: Sendable {
        let language: String
        let text: String
    }

    let blocks: [Block]
    /// The lines outside all blocks.
    let prose: [String]

    init(_ path: String) throws {
        try self.init(path, text: RepositoryFile(path).text())
    }

    init(_ path: String, text: String) {
        self.path = path
        self.text = text
        var blocks: [Block] = []
        var prose: [String] = []
        var open: (language: String, indentation: Int, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let unindented = line.drop { $0 == " " }
            let indentation = line.count - unindented.count
            switch (open, unindented.hasPrefix("```")) {
            case (nil, true):
                open = (String(unindented.dropFirst(3)), indentation, [])
            case (nil, false):
                prose.append(String(line))
            case (let block?, true) where unindented == "```":
                blocks.append(Block(language: block.language, text: block.lines.map { "\($0)\n" }.joined()))
                open = nil
            case (let block?, _):
                open?.lines.append(line.dropFirst(min(indentation, block.indentation)))
            }
        }
        self.blocks = blocks
        self.prose = prose
    }

    /// The documents at the root of the checkout, the Helm chart's, and those in `docs`, in this order.
    static func all() throws -> [Document] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: RepositoryFile("docs").path)
        let outside = [
            "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", "deploy/helm/flashback-exporter/README.md",
            "mixin/README.md",
        ]
        let paths = outside + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
        return try paths.map { try Document($0) }
    }

    var testDescription: String { path }

    /// The commands of the blocks marked `sh`.
    var commands: [DocumentedCommand] {
        blocks.filter { $0.language == "sh" }.flatMap { DocumentedCommand.commands(in: $0.text) }
    }

    /// The targets of its links and images, as written.
    var links: [String] {
        prose.flatMap { line in
            line.matches(of: /\]\(([^()\s]+)\)|src="([^"]+)"/).map { String($0.1 ?? $0.2 ?? "") }
        }
    }

    /// The valid fragments of links: the identifiers that GitHub derives from the headings.
    var anchors: Set<String> {
        var anchors: Set<String> = []
        for line in prose {
            guard let heading = line.wholeMatch(of: /#+ +(.*?) */) else { continue }
            let shown = String(heading.1).replacing(/\[([^\]]*)\]\([^)]*\)/) { $0.1 }
            let kept = shown.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
            let anchor = kept.replacing(" ", with: "-")
            var unique = anchor
            var count = 0
            while !anchors.insert(unique).inserted {
                count += 1
                unique = "\(anchor)-\(count)"
            }
        }
        return anchors
    }
}

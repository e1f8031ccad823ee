import Basics
import Configuration
import ExporterWeb
import FlashbackAPI
import FlashbackCollectors
import Foundation
import HTTPClient
import HTTPServer
import TestSupport
import TestTools
import Testing

@testable import FlashbackExporter

@Suite struct ConfigurationReferenceTests {
    private static let rules = ExporterConfiguration.rules
    private static let reference = ConfigurationReference(rules).markdown

    private static func text(of path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../..").standardized
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test func referenceAndTemplateAreUpToDate() throws {
        #expect(try Self.text(of: "docs/configuration.md") == Self.reference, "run ./scripts/update-docs.sh")
        #expect(
            try Self.text(of: "deploy/flashback-exporter.yml") == ConfigurationTemplate.text(Self.rules),
            "run ./scripts/update-docs.sh")
    }

    @Test func everySettingHasARowOfFiveCells() {
        let rows = Self.reference.split(separator: "\n").filter { $0.hasPrefix("| `--") }
        #expect(rows.count == Self.rules.catalogue().shown.count)
        for row in rows {
            #expect(row.filter { $0 == "|" }.count == 6, "\(row)")
            #expect(row.contains("`FLASHBACK_EXPORTER_"), "\(row)")
        }
        #expect(Self.reference.split(separator: "\n").allSatisfy { $0.hasPrefix("|") || $0.count <= 140 })
    }

    @Test func exampleInTheReferenceIsValid() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("", to: "web.yml")
            let settings = try folder.settings(ConfigurationReference.example)
            #expect(settings.accounts.map(\.name) == ["production", "staging"])
            #expect(settings.accounts.map(\.upstream.concurrency) == [8, 2])
            #expect(settings.accounts.first?.collection.workspaceIDs == ["8d3f2c1a", "91bb07de"])
            #expect(settings.accounts.allSatisfy { !$0.collection.collectors.contains("yesterday") })
            #expect(settings.web.listenAddresses.count == 2)
            #expect(settings.web.configurationFile?.path == folder.path("web.yml"))
            #expect(settings.enablesLifecycle)
            #expect(settings.log.format == .json)
        }
    }

    @Test func exampleInGettingStartedIsValid() async throws {
        let guide = try Self.text(of: "docs/getting-started.md")
        let example = try #require(
            guide.firstMatch(of: /(?s)```yaml\n(# exporter\.yml.*?)```/), "the example has lost its first line")
        try await TemporaryDirectory.with { folder in
            let settings = try folder.settings(String(example.1))
            #expect(settings.web.listenAddresses.map(\.description) == ["127.0.0.1:10420"])
            guard case .tokenFile(folder.path("token"))? = settings.accounts.first?.upstream.credentials else {
                Issue.record("not the token's file")
                return
            }
        }
    }

    @Test func templateSetsNothing() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write(ConfigurationTemplate.text(Self.rules), to: "exporter.yml")
            let configuration = try Self.configuration(folder)
            #expect(configuration.values.keys.sorted() == ["config.file"])
            #expect(configuration.document("accounts") == nil)
        }
    }

    @Test func uncommentedTemplateSetsEveryDefault() async throws {
        try await TemporaryDirectory.with { folder in
            let lines = ConfigurationTemplate.text(Self.rules).split(separator: "\n", omittingEmptySubsequences: false).map {
                line in
                guard let mark = line.firstIndex(of: "#"), !line[mark...].hasPrefix("##") else { return String(line) }
                return String(line[..<mark] + line[line.index(after: mark)...])
            }
            try folder.write(lines.joined(separator: "\n"), to: "exporter.yml")
            let configuration = try Self.configuration(folder)
            for setting in Self.rules.catalogue().settings where setting.name != Self.rules.fileSetting {
                let isValue = setting.defaultValue.map { !$0.contains(" ") } ?? false
                #expect(
                    configuration.values[setting.name]?.texts == (isValue ? [setting.defaultValue ?? ""] : nil), "\(setting.name)"
                )
                let key = setting.name.split(separator: ".").last ?? ""
                #expect(lines.contains { $0.drop { $0 == " " }.hasPrefix("\(key):") }, "\(setting.name)")
            }
            let settings = try ExporterSettings(configuration)
            #expect(settings.accounts.map(\.name) == ["production", "staging"])
            #expect(settings.web.listenAddresses.count == 1)
        }
    }

    private static func configuration(_ folder: TemporaryDirectory) throws -> LayeredConfiguration {
        try LayeredConfiguration(rules, arguments: ["--config.file", folder.path("exporter.yml")], environment: [:])
    }
}

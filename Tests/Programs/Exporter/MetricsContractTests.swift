import ExporterWeb
import Exposition
import Foundation
import Testing

@testable import FlashbackExporter

@Suite struct MetricsContractTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized

    private static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The versions with recorded metrics, oldest first.
    private static func releases() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs/releases").path())
            .compactMap { $0.wholeMatch(of: /metrics-(.*)\.json/).map { String($0.1) } }
            .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    }

    @Test func contractIsUpToDateAndHasEveryDeclaredFamily() throws {
        let text = try Self.text(of: "docs/metrics.json")
        #expect(text == MetricsDeclarations.json, "docs/metrics.json is out of date: run ./scripts/update-docs.sh")
        let contract = try MetricsContract(json: text)
        #expect(contract.version == BuildInformation.version)
        let sections = MetricSources.all().flatMap(\.families)
        #expect(Set(contract.families.map(\.name)) == Set(sections.map(\.name)))
        for family in sections {
            let declared = try #require(contract.families.first { $0.name == family.name })
            #expect(
                declared.help == family.help && declared.labels == family.labelNames && declared.unit == family.unit?.rawValue)
        }
        #expect(contract.families.first { $0.name == "flashback_bucket_node_status" }?.collectors.isEmpty == false)
        #expect(contract.families.first { $0.name == "flashback_up" }?.collectors == [])
    }

    @Test func changedMetricsAreAnnouncedInTheChangelog() throws {
        let latest = try #require(try Self.releases().last)
        let released = try MetricsContract(json: try Self.text(of: "docs/releases/metrics-\(latest).json"))
        #expect(released.version == latest)
        let breaches = released.unannouncedBreaches(
            by: try MetricsContract(json: MetricsDeclarations.json), changelog: try Self.text(of: "CHANGELOG.md"))
        #expect(
            breaches == [],
            "announce each in CHANGELOG.md, by its name, under Changed or Removed of [Unreleased]: docs/versions.md")
    }

    @Test func changelogHasAnEntryForEveryRelease() throws {
        let changelog = try Self.text(of: "CHANGELOG.md")
        for version in try Self.releases() + [BuildInformation.version] {
            #expect(changelog.contains("\n## [\(version)]"), "\(version)")
        }
        #expect(changelog.contains("\n## [Unreleased]\n"))
        let kinds = Set(changelog.matches(of: /(?m)^### (.*)$/).map { String($0.1) })
        #expect(kinds.isSubset(of: ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]))
    }

    // MARK: The comparison

    private static let family = MetricsContract.Family(name: "a_seconds", type: "gauge", unit: "seconds", labels: ["b", "c"])
    private static let released = MetricsContract([family])

    /// Changes that break queries.
    static let breaking: [(change: [MetricsContract.Family], difference: String)] = [
        ([], "was removed"),
        ([.init(name: "a2_seconds", type: "gauge", unit: "seconds", labels: ["b", "c"])], "was removed"),
        ([.init(name: "a_seconds", type: "counter", unit: "seconds", labels: ["b", "c"])], "type gauge became counter"),
        ([.init(name: "a_seconds", type: "gauge", unit: nil, labels: ["b", "c"])], "unit seconds became none"),
        (
            [.init(name: "a_seconds", type: "gauge", unit: "seconds", labels: ["b", "c", "d"])],
            #"labels ["b", "c"] became ["b", "c", "d"]"#
        ),
        ([.init(name: "a_seconds", type: "gauge", unit: "seconds", labels: ["b"])], #"labels ["b", "c"] became ["b"]"#),
    ]

    @Test(arguments: breaking)
    func breakingChangeIsABreachUntilItIsAnnounced(_ change: [MetricsContract.Family], _ difference: String) {
        let changed = MetricsContract(change)
        func breaches(_ changelog: String) -> [String] { Self.released.unannouncedBreaches(by: changed, changelog: changelog) }
        #expect(breaches("## [Unreleased]\n") == ["a_seconds: \(difference)"])
        #expect(breaches("## [Unreleased]\n### Changed\n- `a_seconds` is different.\n## [1.0.0]\n") == [])
        #expect(breaches("## [Unreleased]\n### Removed\n- `a_seconds`\n") == [])
        // Not announced in another section, for another version, or by a part of a name.
        #expect(breaches("## [Unreleased]\n### Added\n- `a_seconds`\n").count == 1)
        #expect(breaches("## [Unreleased]\n## [1.0.0]\n### Changed\n- `a_seconds`\n").count == 1)
        #expect(breaches("## [Unreleased]\n### Changed\n- `aa_seconds`, a_seconds\n").count == 1)
    }

    @Test func compatibleChangesAreNoBreaches() {
        let changed = MetricsContract([
            .init(name: "new_total", type: "counter", unit: nil, labels: []),
            .init(name: "a_seconds", type: "gauge", unit: "seconds", labels: ["c", "b"], collectors: ["x"], help: "Other."),
        ])
        #expect(Self.released.unannouncedBreaches(by: changed, changelog: "") == [])
    }
}

import Foundation

@testable import FlashbackExporter

/// The metrics that a release guarantees: `docs/metrics.json` at the time of the release.
struct MetricsContract: Decodable, Equatable {
    struct Family: Decodable, Equatable {
        let name: String
        let type: String
        let unit: String?
        let labels: [String]
        var collectors: [String] = []
        var help = ""
    }

    let version: String
    let families: [Family]

    init(version: String = "1.0.0", _ families: [Family]) {
        (self.version, self.families) = (version, families)
    }

    init(json: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    }

    /// By the family's name, the differences that break queries on this release's metrics. New families break nothing.
    func breaches(by other: MetricsContract) -> [(name: String, difference: String)] {
        families.compactMap { old in
            guard let new = other.families.first(where: { $0.name == old.name }) else { return (old.name, "was removed") }
            var differences: [String] = []
            if new.type != old.type { differences.append("type \(old.type) became \(new.type)") }
            if new.unit != old.unit { differences.append("unit \(old.unit ?? "none") became \(new.unit ?? "none")") }
            if Set(new.labels) != Set(old.labels) { differences.append("labels \(old.labels) became \(new.labels)") }
            return differences.isEmpty ? nil : (old.name, differences.joined(separator: ", "))
        }
    }

    /// The breaches that the changelog does not announce by the family's name in backquotes, under Changed or Removed of the next version.
    func unannouncedBreaches(by other: MetricsContract, changelog: String) -> [String] {
        let announcements = Self.announcements(in: changelog)
        return breaches(by: other).filter { !announcements.contains("`\($0.name)`") }.map { "\($0.name): \($0.difference)" }
    }

    private static func announcements(in changelog: String) -> String {
        var version = ""
        var kind = ""
        var kept: [Substring] = []
        for line in changelog.split(separator: "\n") {
            if line.hasPrefix("## ") { (version, kind) = (String(line), "") }
            if line.hasPrefix("### ") { kind = String(line) }
            if version == "## [Unreleased]", ["### Changed", "### Removed"].contains(kind) { kept.append(line) }
        }
        return kept.joined(separator: "\n")
    }
}

import Foundation

/// A file of `prometheus/tests`, which `promtool test rules` runs, reduced to the alerts that it expects at each time.
struct RuleUnitTests {
    /// The expected alerts at a time.
    struct Expectation {
        let time: String
        var alert = ""
        /// The labels of each instance that fires.
        var firing: [[String: String]] = []

        /// Whether an instance with these labels, and possibly others, fires.
        func fires(with labels: [String: String]) -> Bool {
            firing.contains { instance in labels.allSatisfy { instance[$0.key] == $0.value } }
        }
    }

    /// Series and the expectations about them, in order of time.
    struct Group {
        let name: String
        var expectations: [Expectation] = []
    }

    static let directory = RepositoryFile("prometheus/tests")

    let groups: [Group]

    static func names() throws -> [String] { try directory.names(endingIn: ".yml") }

    static func all() throws -> [RuleUnitTests] {
        try names().map { RuleUnitTests(try RepositoryFile("prometheus/tests/\($0)").text()) }
    }

    /// Reads lines in the style of these files and skips unknown ones; a file in another style has no groups.
    init(_ text: String) {
        var groups: [Group] = []
        var isInLabels = false
        for line in text.split(separator: "\n") {
            if let name = line.firstMatch(of: /^  - name: (.*)$/) {
                groups.append(Group(name: String(name.1)))
            } else if let time = line.firstMatch(of: /^      - eval_time: (.*)$/) {
                groups[groups.endIndex - 1].expectations.append(Expectation(time: String(time.1)))
            } else if let alert = line.firstMatch(of: /^        alertname: (.*)$/) {
                Self.change(&groups) { $0.alert = String(alert.1) }
            } else if line.hasPrefix("          - exp_labels:") {
                isInLabels = true
                Self.change(&groups) { $0.firing.append([:]) }
            } else if isInLabels, let label = line.firstMatch(of: /^              ([a-z_]+): '?(.*?)'?$/) {
                Self.change(&groups) { $0.firing[$0.firing.endIndex - 1][String(label.1)] = String(label.2) }
            } else {
                isInLabels = false
            }
        }
        self.groups = groups
    }

    private static func change(_ groups: inout [Group], _ change: (inout Expectation) -> Void) {
        guard let group = groups.indices.last, let latest = groups[group].expectations.indices.last else { return }
        change(&groups[group].expectations[latest])
    }
}

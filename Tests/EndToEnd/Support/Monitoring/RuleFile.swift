import Foundation

/// A file of `prometheus/rules`.
struct RuleFile {
    let file: RepositoryFile

    static let directory = RepositoryFile("prometheus/rules")

    /// All rule files.
    static func all() throws -> [RuleFile] {
        try directory.names(endingIn: ".yml").map { RuleFile(file: RepositoryFile("prometheus/rules/\($0)")) }
    }

    /// The rules, unchanged except for their timing: groups are evaluated about every second instead of every minute, and conditions that
    /// must hold for minutes or hours must hold for some evaluations. The windows of expressions stay.
    func hastened(interval seconds: Int = 1, evaluations: Int = 2) throws -> String {
        try file.text().replacing(/interval: [0-9]+m/, with: "interval: \(seconds)s")
            .replacing(/for: [0-9]+[mh]/, with: "for: \(evaluations * seconds)s")
    }
}

/// A rule as Prometheus reports it.
struct LoadedRule: Decodable {
    enum Kind: String, Decodable {
        case alerting, recording
    }

    let name: String
    let query: String
    let type: Kind
    /// In seconds; nil except for alerts.
    let duration: Double?
    let labels: [String: String]?
    let annotations: [String: String]?

    /// The metrics in its expression.
    var metrics: Set<String> { LoadedRule.metrics(in: query) }

    /// The metrics in an expression: words that begin like this project's metrics, outside quotation marks and windows, and `up`.
    static func metrics(in expression: String) -> Set<String> {
        let bare = expression.replacing(/"(\\.|[^"\\])*"/, with: "").replacing(/\[[^\]]*\]/, with: "")
        let words = bare.matches(of: /[A-Za-z_:][A-Za-z0-9_:]*/).map { String($0.output) }
        return Set(words.filter { $0 == "up" || $0.hasPrefix("flashback_") || $0.hasPrefix("process_") || $0.contains(":") })
    }
}

/// The answer to `GET /api/v1/rules`, whose format vmalert shares with Prometheus.
struct RulesAnswer<Rule: Decodable>: Decodable {
    struct Group: Decodable {
        let rules: [Rule]
    }
    struct Data: Decodable {
        let groups: [Group]
    }
    let data: Data

    /// All rules that a program has loaded.
    /// - Parameter address: its `host:port`.
    static func rules(of address: String) async throws -> [Rule] {
        let answer = try await HTTP.send("GET", "http://\(address)/api/v1/rules")
        return try JSONDecoder().decode(Self.self, from: answer.body).data.groups.flatMap(\.rules)
    }
}

extension RunningPrometheus {
    /// Runs Prometheus with the real rules and nothing to scrape.
    static func withRules<Result>(_ body: (RunningPrometheus) async throws -> Result) async throws -> Result {
        let files = try RuleFile.all().map { "  - \($0.file.path)" }.joined(separator: "\n")
        return try await running("rule_files:\n\(files)", body)
    }

    /// All rules that it has loaded.
    func rules() async throws -> [LoadedRule] { try await RulesAnswer.rules(of: address) }
}

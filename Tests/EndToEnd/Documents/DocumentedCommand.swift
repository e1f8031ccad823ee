import Foundation

/// A command of a document, as a reader would type it.
struct DocumentedCommand: Sendable {
    /// Its text, with its comments; several lines where it goes on.
    let text: String

    var withoutComments: String { text.replacing(/(^| )#.*/.anchorsMatchLineEndings(), with: "") }

    /// The commands of a block: a line each, and those that a line's end leaves open with the next.
    static func commands(in block: String) -> [DocumentedCommand] {
        var commands: [DocumentedCommand] = []
        var lines: [Substring] = []
        for line in block.split(separator: "\n") where !(lines.isEmpty && line.drop { $0 == " " }.hasPrefix("#")) {
            lines.append(line)
            if ["\\", "|", "&&"].contains(where: line.hasSuffix) { continue }
            commands.append(DocumentedCommand(text: lines.joined(separator: "\n")))
            lines = []
        }
        if !lines.isEmpty { commands.append(DocumentedCommand(text: lines.joined(separator: "\n"))) }
        return commands
    }

    /// Commands that are not run, by how they begin, and why. They must be good shell nevertheless, and name files that exist.
    static let notRun: [(beginning: String, reason: String)] = [
        ("swift ", "it builds for minutes what these tests are part of, or changes the sources"),
        ("./scripts/test.sh", "it runs these tests"),
        ("./scripts/torture", "it takes minutes; TortureTests run its parts for a short time"),
        ("./scripts/package.sh", "it builds the program anew, in minutes"),
        ("./scripts/reproducible.sh", "it builds the program twice; SupplyChainTests gives it a finished one"),
        ("./scripts/dependencies.sh record", "it writes into the checkout; SupplyChainTests runs it on a copy"),
        ("./scripts/update-docs.sh", "it writes into the checkout; other tests compare what it would write"),
        ("./scripts/runbook-base.sh", "it writes into the checkout; RunbookTests runs it on a copy"),
        ("promtool test rules ", "it takes minutes; MixinTests does it with the rules that each file needs"),
        ("./scripts/rules.sh", "it writes into the checkout; MixinTests compares what it would write"),
        ("jb ", "there is no repository to install from where tests run"),
        ("jsonnet ", "it needs what jb installs; MixinTests renders the mixin"),
        ("promtool tsdb create-blocks-from rules ", "it asks a Prometheus that has the past; BackfillTests has one"),
        ("scripts/torture/fuzz.sh", "it builds for many minutes; FuzzTests run its targets"),
        ("scripts/torture/sanitizers.sh", "it builds for many minutes, and runs these tests"),
        ("Benchmarks/run.sh", "it measures, in many minutes"),
        ("apt-get ", "it changes the machine"),
        ("systemctl ", "there is no systemd in charge where tests run"),
        ("journalctl ", "there is no systemd in charge where tests run"),
        ("docker build ", "there is no engine for containers where tests run"),
        ("docker compose ", "there is no engine for containers where tests run"),
        ("docker push ", "there is no engine for containers where tests run"),
        ("docker run --publish 127.0.0.1:3000:3000 ", "it needs Grafana's image"),
        ("kubectl ", "there is no cluster where tests run"),
        ("helm ", "there is no cluster where tests run; HelmTests render the chart"),
        ("mimirtool ", "there is no Mimir where tests run"),
    ]

    /// Why it is not run; nil when it is.
    var reasonNotToRun: String? {
        Self.notRun.first { bare.hasPrefix($0.beginning) }?.reason
    }

    /// Its text without the variables, the `sudo` or the parenthesis that come before a program.
    var bare: String { text.replacing(/^(?:[A-Z_]+=(?:"[^"]*"|[^ "]+) +)?(?:sudo +|\()?/, with: "") }

    /// Whether it runs the image, which the program takes the place of where there is no engine.
    var isContainer: Bool { bare.hasPrefix("docker run ") }

    /// The commands that a reader would paste.
    enum Input {
        case accessToken, refreshToken, password
    }

    var input: Input {
        if text.contains("refresh-token") { return .refreshToken }
        return text.contains("password") ? .password : .accessToken
    }

    /// Whether it starts the exporter, with some command or without one, and leaves it to the environment where the token is.
    var needsToken: Bool {
        text.contains("flashback-exporter") && !isContainer && !text.contains(/--flashback\.[a-z-]+-file|--config\.file/)
    }

    var isHealthCheck: Bool { text.contains("flashback-exporter healthcheck") }

    /// The words that look like files of the checkout, or patterns of such.
    func files(among top: Set<String>) -> [String] {
        withoutComments.split { " \n\"'=<>|();".contains($0) }.map(String.init).filter { word in
            let parts = word.split(separator: "/").filter { $0 != "." }
            let isPlain = !word.hasPrefix("/") && !word.contains { "$:".contains($0) }
            return isPlain && parts.count > 1 && top.contains(String(parts[0]))
        }
    }

    /// The values that a flag has in it.
    func values(of flag: String) -> [String] {
        let words = text.split { $0.isWhitespace }.map(String.init)
        return zip(words, words.dropFirst()).filter { $0.0 == flag }.map(\.1)
    }
}

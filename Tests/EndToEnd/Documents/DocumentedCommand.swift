import Foundation

/// A command of a document, as a reader would type it.
struct DocumentedCommand: Sendable {
    /// Its text with comments; several lines if it continues.
    let text: String

    var withoutComments: String { text.replacing(/(^| )#.*/.anchorsMatchLineEndings(), with: "") }

    /// The commands of a block: one per line, or several lines if a line ends with a continuation.
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

    /// Commands that are not run, by their beginning, with the reasons. They must still be valid shell and name existing files.
    static let notRun: [(beginning: String, reason: String)] = [
        ("swift ", "it builds this package, which takes minutes, or changes the sources"),
        ("./scripts/test.sh", "it runs these tests"),
        ("./scripts/torture", "it takes minutes; TortureTests and FuzzTests run short forms of all parts but sanitizers"),
        ("./scripts/package.sh", "it builds the program again, which takes minutes"),
        ("./scripts/reproducible.sh", "it builds the program twice; SupplyChainTests gives it a finished one"),
        ("./scripts/dependencies.sh record", "it writes into the checkout; SupplyChainTests runs it on a copy"),
        ("./scripts/update-docs.sh", "it writes into the checkout; other tests compare what it would write"),
        ("./scripts/runbook-base.sh", "it writes into the checkout; RunbookTests runs it on a copy"),
        ("promtool test rules ", "it takes minutes; MixinTests does it with the rules that each file needs"),
        ("./scripts/rules.sh", "it writes into the checkout; MixinTests compares what it would write"),
        ("jb ", "the test machine has no repository to install from"),
        ("jsonnet ", "it needs what jb installs; MixinTests renders the mixin"),
        ("promtool tsdb create-blocks-from rules ", "it needs a Prometheus with old data; BackfillTests has one"),
        ("scripts/torture/fuzz.sh", "it builds for many minutes; FuzzTests runs its targets"),
        ("scripts/torture/sanitizers.sh", "it builds for many minutes, and runs these tests"),
        ("Benchmarks/run.sh", "it measures for many minutes"),
        ("apt-get ", "it changes the machine"),
        ("systemctl ", "the test machine does not run systemd"),
        ("journalctl ", "the test machine does not run systemd"),
        ("docker build ", "the test machine has no container engine"),
        ("docker compose ", "the test machine has no container engine"),
        ("docker push ", "the test machine has no container engine"),
        ("docker run --publish 127.0.0.1:3000:3000 ", "it needs Grafana's image"),
        ("kubectl ", "the test machine has no cluster"),
        ("helm ", "the test machine has no cluster; HelmTests renders the chart"),
        ("mimirtool ", "the test machine has no Mimir"),
    ]

    /// Why it is not run; nil when it is.
    var reasonNotToRun: String? {
        Self.notRun.first { bare.hasPrefix($0.beginning) }?.reason
    }

    /// Its text without the variables, the `sudo` or the parenthesis in front of a program.
    var bare: String { text.replacing(/^(?:[A-Z_]+=(?:"[^"]*"|[^ "]+) +)?(?:sudo +|\()?/, with: "") }

    /// Whether it runs the image; without a container engine, the program runs instead.
    var isContainer: Bool { bare.hasPrefix("docker run ") }

    /// The input that a reader would paste.
    enum Input {
        case accessToken, refreshToken, password
    }

    var input: Input {
        if text.contains("refresh-token") { return .refreshToken }
        return text.contains("password") ? .password : .accessToken
    }

    /// Whether it starts the exporter, with or without a subcommand, and relies on the environment for the token.
    var needsToken: Bool {
        text.contains("flashback-exporter") && !isContainer && !text.contains(/--flashback\.[a-z-]+-file|--config\.file/)
    }

    var isHealthCheck: Bool { text.contains("flashback-exporter healthcheck") }

    /// The words that look like files in the checkout, or patterns for them.
    func files(among top: Set<String>) -> [String] {
        withoutComments.split { " \n\"'=<>|();".contains($0) }.map(String.init).filter { word in
            let parts = word.split(separator: "/").filter { $0 != "." }
            let isPlain = !word.hasPrefix("/") && !word.contains { "$:".contains($0) }
            return isPlain && parts.count > 1 && top.contains(String(parts[0]))
        }
    }

    /// The values of a flag in the command.
    func values(of flag: String) -> [String] {
        let words = text.split { $0.isWhitespace }.map(String.init)
        return zip(words, words.dropFirst()).filter { $0.0 == flag }.map(\.1)
    }
}

import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

/// A reader who runs the commands of a document one after the other, in a checkout of this project, and is not root.
///
/// The commands' resources exist, but in other places than for a reader:
/// - The API is a simulation, and an exporter is already running, as if the reader had followed other documents before.
/// - `/etc` and `/var/lib` are directories that the reader owns. The first contains tokens, as other documents say.
/// - The checkout has its files, and the programs built with the tests are where builds put them.
/// - `sudo` runs its command as root or, with `-u flashback`, as a user who exists only as a number. If the tests do not run as root,
///   everything runs as their own user. `docker run` runs the program that was built with the tests (`deploy/tests/container.py`), `swift`
///   builds nothing, and `pidof` knows the running exporter.
struct Reader {
    private let document: Document
    private let simulation: FlashbackSimulation
    private let api: String
    private let directory: TemporaryDirectory

    private static let isRoot = geteuid() == 0
    /// The reader's user number, which differs from the image's user.
    static let user = isRoot ? 65_532 : geteuid()
    /// The number of the user that `useradd` would create.
    private static let serviceUser = isRoot ? 65_533 : geteuid()

    /// Runs everything in a document, and reports what does not work.
    static func follow(_ document: Document) async throws {
        let simulation = FlashbackSimulation.small()
        try await FlashbackSimulator.serving(simulation) { simulator in
            let environment = ["FLASHBACK_EXPORTER_WEB_ENABLE_LIFECYCLE": "true"]
            try await RunningExporter.running(simulator.url, environment: environment) { exporter in
                let reader = Reader(
                    document: document, simulation: simulation, api: simulator.url, directory: try TemporaryDirectory())
                try reader.prepare(exporter)
                try await reader.follow(document.commands[...], at: exporter.addresses[0])
            }
        }
    }

    // MARK: Existing files

    private func prepare(_ exporter: RunningExporter) throws {
        for name in ["home", "input", "var/lib", "etc/flashback", "etc/flashback-exporter/credentials"] {
            _ = try directory.made(name)
        }
        try directory.write("fail\nmax-time = 300\nnoproxy = \"*\"\n", to: "home/.curlrc")
        try FileManager.default.setAttributes(
            [.ownerAccountID: Self.user, .groupOwnerAccountID: Self.user], ofItemAtPath: directory.path("home"))
        try directory.write("\(RunningExporter.token)\n", to: "etc/flashback/token")
        try makeCheckout()
        try makeProgram("bin/flashback-exporter", "exec '\(Program.exporter.path())' \"$@\"")
        try makeProgram("bin/promtool", "exec '\(try Program.promtool().path())' \"$@\"")
        try makeProgram("bin/amtool", "exec '\(try Program.amtool().path())' \"$@\"")
        try makeProgram("bin/pidof", "echo \(exporter.process.identifier)")
        try makeUsers()
        try makeProgram("bin/docker", try Self.asRoot(Self.container()))
        try makeProgram("bin/swift", "case \" $* \" in *' --show-bin-path '*) echo \"$PWD/.build/debug\";; esac")
        // Tests install nothing, even if a script finds that something is missing.
        try makeProgram("bin/apt-get", "exit 1")
    }

    /// Replacements for commands that create or name a user.
    private func makeUsers() throws {
        let asService =
            Self.isRoot
            ? "exec setpriv --reuid \(Self.serviceUser) --regid \(Self.serviceUser) --clear-groups --inh-caps=-all --ambient-caps=-all"
            : "exec"
        try makeProgram(
            "bin/sudo",
            "case $1 in -u) [ \"$2\" = flashback ] || exit 1; shift 2; \(asService) \"$@\";; esac\n"
                + Self.asRoot(["\"$@\""]))
        try makeProgram("bin/useradd", "exit 0")
        // The reader uses names where the commands need numbers.
        let numbered = "for word do shift; [ \"$word\" != flashback ] || word=\(Self.serviceUser); set -- \"$@\" \"$word\"; done"
        try makeProgram("bin/install", "\(numbered)\nexec /usr/bin/install \"$@\"")
    }

    /// A shell command that runs words as root, as `sudo` and a container engine's service do.
    private static func asRoot(_ words: [String]) -> String {
        let root = isRoot ? "setpriv --reuid 0 --regid 0 --clear-groups " : ""
        return "exec \(root)\(words.joined(separator: " "))"
    }

    /// The command that replaces `docker`.
    static func container() throws -> [String] {
        let mapping = isRoot ? [] : ["--map-root-user", "env", "AS_IS=1"]
        return try [Program.unshare().path(), "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"] + mapping + [
            Program.python().path(), RepositoryFile("deploy/tests/container.py").path,
            RepositoryFile("deploy/Dockerfile").path, Program.exporter.path(), "\"$@\"",
        ]
    }

    /// The beginning of the reader's commands: the reader's own shell, from which `sudo` can become another user.
    private static var shell: [String] {
        let privileges = "+setuid,+setgid"
        return isRoot
            ? [
                "setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups", "--inh-caps=\(privileges)",
                "--ambient-caps=\(privileges)", "sh", "-c",
            ] : ["sh", "-c"]
    }

    private func makeCheckout() throws {
        let checkout = try directory.made("checkout")
        for name in try Self.namesInCheckout() {
            try FileManager.default.createSymbolicLink(
                atPath: "\(checkout)/\(name)", withDestinationPath: RepositoryFile(name).path)
        }
        for build in [".build/debug", ".build-release/release"] {
            _ = try directory.made("checkout/\(build)")
            for program in [Program.exporter, Program.simulator] {
                try makeProgram("checkout/\(build)/\(program.lastPathComponent)", "exec '\(program.path())' \"$@\"")
            }
        }
    }

    /// The visible entries in the root of the checkout.
    static func namesInCheckout() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: RepositoryFile("").path).filter { !$0.hasPrefix(".") }
    }

    private func makeProgram(_ name: String, _ script: String) throws {
        _ = try directory.made(String(name[..<(name.lastIndex(of: "/") ?? name.endIndex)]))
        let path = try directory.write("#!/bin/sh\n\(script)\n", to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    // MARK: Running commands

    /// Runs the commands in order. A command that starts an exporter leaves it running for the following ones.
    /// - Parameter address: the running exporter's address.
    private func follow(_ commands: ArraySlice<DocumentedCommand>, at address: String) async throws {
        guard let command = commands.first else { return }
        if command.reasonNotToRun != nil { return try await follow(commands.dropFirst(), at: address) }
        let script = "cd \"$0\" && exec < \"$1\"\n\(try relocated(command, address))"
        let started: Bool = try await RunningProcess.running(
            try Program.setsid(),
            Self.shell + [script, directory.path("checkout"), try input(for: command)],
            environment: environment(for: command, address)
        ) { process in
            defer { process.send(SIGKILL, toGroup: true) }
            guard let new = try await Self.address(from: process) else {
                #expect(
                    try await process.end() == .status(0),
                    "\(document.path): \(command.text)\n\(process.text(of: .output))\(process.text(of: .error))")
                return false
            }
            let metrics = try await HTTP.send("GET", "http://\(new)/metrics")
            #expect(metrics.text.contains("\nflashback_up 1\n"), "\(document.path): \(command.text)\n\(metrics.text)")
            if command.isContainer {
                let check = try await process.line(of: .output, containing: "the health check ended")
                #expect(check.contains(" with status 0: healthy: "), "\(document.path): \(command.text)\n\(check)")
            }
            try await follow(commands.dropFirst(), at: new)
            process.send(SIGTERM, toGroup: true)
            try await process.end()
            return true
        }
        if !started { try await follow(commands.dropFirst(), at: address) }
    }

    /// The address on which a program listens; nil when it has ended instead.
    private static func address(from process: RunningProcess) async throws -> String? {
        do {
            let line = try await process.line(containing: "listening")
            let address = try #require(line.firstMatch(of: /"?address"?[=:]"?([^ ",]+)/), "\(line)")
            return String(address.1)
        } catch is MissingLine {
            return nil
        }
    }

    /// A command with its paths and addresses replaced by those of the test.
    /// - Throws: if it names a file of this machine, which a test must not touch.
    private func relocated(_ command: DocumentedCommand, _ address: String) throws -> String {
        // A container's absolute paths are inside the container.
        if command.isContainer { return command.withoutComments }
        let relocated = command.withoutComments.replacing("http://localhost:10420", with: "http://\(address)")
            .replacing("127.0.0.1:10420", with: "127.0.0.1:0")
            .replacing("https://backend.flashback.tech", with: api)
            .replacing(/(^|[\s"'=<>])\/(etc|var\/lib)\//) { "\($0.1)\(directory.path(String($0.2)))/" }
        let elsewhere = relocated.matches(of: /(?:^|[\s"'=<>])(\/[^\s"']+)/).map { String($0.1) }.filter {
            !["/dev/null", "/usr/sbin/nologin"].contains($0) && !$0.hasPrefix(directory.path())
        }
        try #require(elsewhere == [], "\(document.path): \(command.text)")
        return relocated
    }

    /// A file with the text that a reader would paste.
    private func input(for command: DocumentedCommand) throws -> String {
        let text =
            switch command.input {
            case .accessToken: RunningExporter.token
            case .refreshToken: simulation.issueTokens().refreshToken
            case .password: "simulated-password"
            }
        let file = try directory.write("\(text)\n", to: "input/\(UUID().uuidString)")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        return file
    }

    private func environment(for command: DocumentedCommand, _ address: String) -> [String: String] {
        let home = directory.path("home")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        var environment = [
            "HOME": home,
            "PATH": "\(home)/.local/bin:\(directory.path("bin")):\(path)",
            "FLASHBACK_EXPORTER_FLASHBACK_URL": api,
            "FLASHBACK_EXPORTER_WEB_LISTEN_ADDRESS": command.isHealthCheck ? address : "127.0.0.1:0",
            // Time-outs that the test does not examine, long enough for a stalling machine.
            "FLASHBACK_EXPORTER_FLASHBACK_CONNECT_TIMEOUT": "2m",
            "FLASHBACK_EXPORTER_FLASHBACK_TIMEOUT": "5m",
            "FLASHBACK_EXPORTER_SCRAPE_TIMEOUT": "5m",
        ]
        if command.needsToken { environment["FLASHBACK_TOKEN"] = RunningExporter.token }
        return environment
    }
}

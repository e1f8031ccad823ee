import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct SocketActivationTests {
    /// Starts the exporter with sockets from descriptor 3 on, as sd_listen_fds(3) describes. A shell takes systemd's part, which knows the
    /// process' number before the program starts.
    private func running(
        _ sockets: [Int32], count: String? = nil, process: String = "$$", arguments: [String] = ["--web.systemd-socket"],
        _ body: @Sendable (RunningProcess) async throws -> Void
    ) async throws {
        let environment = [
            "FLASHBACK_TOKEN": RunningExporter.token, "LISTEN_FDS": count ?? "\(sockets.count)", "LISTEN_FDNAMES": "metrics:more",
        ]
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningProcess.running(
                URL(filePath: "/bin/sh"),
                ["-c", "LISTEN_PID=\(process) exec \"$0\" \"$@\"", Program.exporter.path(), "--flashback.url", simulator.url]
                    + arguments,
                environment: environment, sockets: sockets, body)
        }
    }

    @Test func listensOnInheritedSocketsInsteadOfItsOwnAddress() async throws {
        let sockets = [try ListeningSocket(), try ListeningSocket()]
        try await running(
            sockets.map(\.descriptor), arguments: ["--web.systemd-socket", "--web.listen-address", "127.0.0.1:1"]
        ) { process async throws in
            let lines = try await process.lines(containing: "msg=listening", count: 2)
            for (socket, line) in zip(sockets, lines) {
                #expect(line.contains("address=127.0.0.1:\(socket.port) "))
                let answer = try await HTTP.send("GET", "http://127.0.0.1:\(socket.port)/metrics")
                #expect(try Metrics(answer.text).value("flashback_up") == 1)
            }
            #expect(!process.everything.contains("127.0.0.1:1 "))
            process.send(SIGTERM)
            #expect(try await process.end() == .status(0))
        }
        // The sockets remain open in the process that opened them: a client waits until the next exporter accepts it.
        for socket in sockets { #expect(socket.canConnect()) }
    }

    @Test func answersAClientThatConnectedBeforeTheStart() async throws {
        let socket = try ListeningSocket()
        let early = Task { try await HTTP.send("GET", "http://127.0.0.1:\(socket.port)/-/healthy") }
        try await running([socket.descriptor]) { _ async throws in
            let answer = try await early.value
            #expect(answer.status == 200)
        }
    }

    @Test func acceptsUnixDomainSockets() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("metrics.sock")
        let socket = try ListeningSocket(path: path)
        try await running([socket.descriptor]) { process async throws in
            let line = try await process.line(containing: "msg=listening")
            #expect(line.contains("address=\(path)"))
            let answer = try await RunningProcess.finished(
                try Program.curl(), ["-q", "-s", "--noproxy", "*", "--unix-socket", path, "http://metrics/metrics"])
            #expect(try Metrics(answer.outputText).value("flashback_up") == 1)
            process.send(SIGTERM)
            try await process.end()
        }
        // The exporter must not remove the socket that it inherited.
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func childrenInheritNeitherVariablesNorSockets() async throws {
        let socket = try ListeningSocket()
        try await running([socket.descriptor]) { process async throws in
            _ = try await process.line(containing: "msg=listening")
            let flags = try String(contentsOfFile: "/proc/\(process.identifier)/fdinfo/3", encoding: .utf8)
            let octal = flags.split(separator: "\n").first { $0.hasPrefix("flags:") }?.split(separator: "\t").last
            let value = try #require(octal.flatMap { Int32($0, radix: 8) })
            #expect(value & O_CLOEXEC != 0)
        }
    }

    @Test(
        arguments: [
            ("0", "$$", "no socket was passed (LISTEN_FDS is 0)"),
            ("x", "$$", "LISTEN_PID or LISTEN_FDS is not a valid number"),
            ("1", "1", "the sockets were passed to another process (LISTEN_PID does not match)"),
            ("1", "$$", "is not a stream socket: use ListenStream="),
        ])
    func refusesToStartWithoutAUsableSocket(_ count: String, _ process: String, _ message: String) async throws {
        try await running([], count: count, process: process) { process async throws in
            #expect(try await process.end() == .status(2))
            let text = process.text(of: .error)
            #expect(text.hasPrefix("flashback-exporter: error: --web.systemd-socket: "))
            #expect(text.contains(message), "\(text)")
            #expect(text.split(separator: "\n").count == 1)
        }
    }

    @Test func refusesConnectedSocketsAndStartsWithoutSystemd() async throws {
        let socket = try ListeningSocket(listens: false)
        try await running([socket.descriptor]) { process async throws in
            #expect(try await process.end() == .status(2))
            #expect(process.text(of: .error).contains("metrics (descriptor 3) does not listen: use Accept=no"))
        }
        let alone = try await RunningProcess.finished(
            Program.exporter, ["--web.systemd-socket", "--flashback.url", "http://127.0.0.1:1"],
            environment: ["FLASHBACK_TOKEN": "token"])
        #expect(alone.end == .status(2))
        #expect(alone.errorText.contains("no socket was passed (LISTEN_FDS is not set)"))
    }
}

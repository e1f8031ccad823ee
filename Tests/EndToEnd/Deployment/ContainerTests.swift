import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct ContainerTests {
    /// Does what `docker run` does, with a token that only the documents' reader can read.
    private func run(_ options: [String], _ arguments: [String]) async throws -> FinishedProcess {
        let directory = try TemporaryDirectory()
        let secrets = try directory.made("secrets")
        let token = try directory.write(RunningExporter.token, to: "secrets/token")
        for (path, mode) in [(secrets, 0o700), (token, 0o600)] {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode, .ownerAccountID: Reader.user, .groupOwnerAccountID: Reader.user], ofItemAtPath: path)
        }
        let script = "exec " + (try Reader.container()).joined(separator: " ")
        return try await RunningProcess.finished(
            URL(filePath: "/bin/sh"),
            ["-c", script, "docker", "run", "--volume", "\(secrets):/run/secrets/flashback:ro"] + options + [
                "flashback-exporter", "--flashback.token-file=/run/secrets/flashback/token",
            ] + arguments)
    }

    @Test(.enabled(if: geteuid() == 0))
    func tokenOfAnotherUserIsRefusedUnlessUserIsSet() async throws {
        let refused = try await run([], ["--config.check"])
        #expect(refused.end == .status(2))
        #expect(refused.errorText.hasSuffix("/run/secrets/flashback/token: Permission denied\n"), "\(refused.errorText)")
        let taken = try await run(["--user", "\(Reader.user):\(Reader.user)"], ["--config.check"])
        #expect(taken.end == .status(0), "\(taken.errorText)")
    }

    @Test func documentedCommandsRunWithTokenRefreshTokenAndOtherAddress() throws {
        let commands = try Document("docs/container.md").commands.filter(\.isContainer).map(\.text)
        for flag in ["--flashback.token-file=", "--flashback.refresh-token-file=", "--web.listen-address="] {
            #expect(commands.contains { $0.contains(flag) && $0.contains(#"--user "$(id -u):$(id -g)""#) }, "\(flag)")
        }
    }
}

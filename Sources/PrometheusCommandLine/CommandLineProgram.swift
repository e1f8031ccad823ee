package import ArgumentParser

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The entry of a program: runs its command and turns whatever went wrong into one line and an exit status.
package enum CommandLineProgram {
    /// The exit status for input that cannot be used, as Go's flag packages and Prometheus' programs have it.
    private static let misuse: Int32 = 2

    /// Parses the process' arguments, runs the command and ends the process.
    ///
    /// `--help` and `--version` go to the standard output with status 0; an error is one line on the standard error stream
    /// with status 2, unless the command threw an `ExitCode` of its own.
    package static func main<Command: AsyncParsableCommand>(_ command: Command.Type) async -> Never {
        // A reader of the log or of the output that goes away, or a peer, must not end the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var parsed = try command.parseAsRoot()
            if var asynchronous = parsed as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try parsed.run()
            }
            exit(EXIT_SUCCESS)
        } catch let status as ExitCode {
            exit(status.rawValue)
        } catch {
            if command.exitCode(for: error) == .success {
                print(command.fullMessage(for: error))
                exit(EXIT_SUCCESS)
            }
            StandardStream.error.write("\(name(of: command)): error: \(line(for: error, of: command))\n")
            exit(misuse)
        }
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)"
    }

    /// The parser's message without the usage that would follow it.
    private static func line(for error: any Error, of command: any ParsableCommand.Type) -> String {
        let message = command.message(for: error).split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
        return error is InvalidArgument ? message : "\(message) (see --help)"
    }
}

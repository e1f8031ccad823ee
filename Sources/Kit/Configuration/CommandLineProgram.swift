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
    /// with status 2, unless the command threw an `ExitCode` of its own. If the standard output cannot be written, the status is 1;
    /// a closed pipe is not reported.
    /// - Parameter rules: how the program is configured beside its flags; a ``ConfiguredCommand`` needs them.
    package static func main<Command: AsyncParsableCommand>(
        _ command: Command.Type, configuredBy rules: ConfigurationRules? = nil
    ) async -> Never {
        // A reader of the log or of the output that goes away, or a peer, must not end the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            try await run(command, rules)
            exit(EXIT_SUCCESS)
        } catch let status as ExitCode {
            exit(status.rawValue)
        } catch let failure as StandardStream.WriteError {
            if !failure.isClosedPipe { report("\(failure)", command) }
            exit(EXIT_FAILURE)
        } catch {
            report(ErrorLine.text(of: error, command) + (error is InvalidArgument ? "" : " (see --help)"), command)
            exit(misuse)
        }
    }

    /// Runs what the arguments ask for.
    /// - Throws: an `ExitCode`, a ``StandardStream/WriteError``, or an error that is about the arguments.
    private static func run<Command: AsyncParsableCommand>(
        _ command: Command.Type, _ rules: ConfigurationRules?
    ) async throws {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            var parsed = try command.parseAsRoot(arguments)
            if let configured = parsed as? any ConfiguredCommand, let rules {
                let configuration = try LayeredConfiguration(
                    rules, arguments: arguments, environment: ProcessEnvironment.current)
                try await run(configured, configuration)
            } else if var asynchronous = parsed as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try parsed.run()
            }
        } catch let failure as StandardStream.WriteError {
            throw failure
        } catch let status as ExitCode {
            throw status
        } catch {
            guard command.exitCode(for: error) == .success else { throw error }
            // A help text, a version or a script of completions.
            let message = command.fullMessage(for: error)
            try StandardStream.output.write((rules.map { help(message, $0) } ?? message) + "\n")
        }
    }

    private static func report(_ line: String, _ command: any ParsableCommand.Type) {
        // If this fails too, only the exit status is left to tell.
        try? StandardStream.error.write("\(name(of: command)): error: \(line)\n")
    }

    /// What `--help` prints.
    /// - Parameter message: as the argument parser makes it.
    package static func help(_ message: String, _ rules: ConfigurationRules) -> String {
        HelpVariables.added(to: message, rules)
    }

    private static func run(_ command: any ConfiguredCommand, _ configuration: LayeredConfiguration) async throws {
        do {
            try await command.run(configuration)
        } catch let status as ExitCode {
            throw status
        } catch let exit as CleanExit {
            throw exit
        } catch let failure as StandardStream.WriteError {
            throw failure
        } catch {
            throw configuration.explained(error, of: type(of: command))
        }
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)"
    }
}

/// A command whose flags can also be given in the environment and in a configuration file.
package protocol ConfiguredCommand: AsyncParsableCommand {
    /// Runs the command.
    /// - Parameter configuration: what all layers say, the command line included.
    func run(_ configuration: LayeredConfiguration) async throws
}

package import ArgumentParser

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A program's entry point: runs its command and reports an error as one line and an exit status.
package enum CommandLineProgram {
    /// The exit status for invalid usage, as in Go's flag package and Prometheus' programs.
    private static let misuse: Int32 = 2

    /// Parses the process' arguments, runs the command and exits.
    ///
    /// `--help` and `--version` print to standard output with status 0; an error is one line on standard error with status 2,
    /// unless the command throws its own `ExitCode`. If writing to standard output fails, the status is 1; a closed pipe is not
    /// reported.
    /// - Parameter rules: how the program is configured in addition to its flags; required for a ``ConfiguredCommand``.
    package static func main<Command: AsyncParsableCommand>(
        _ command: Command.Type, configuredBy rules: ConfigurationRules? = nil
    ) async -> Never {
        // Writing to a closed pipe or connection must not end the process.
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

    /// Runs the command given by the arguments.
    /// - Throws: an `ExitCode`, a ``StandardStream/WriteError``, or an error about the arguments.
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
            // A help text, a version or a completion script.
            let message = command.fullMessage(for: error)
            try StandardStream.output.write((rules.map { help(message, $0) } ?? message) + "\n")
        }
    }

    private static func report(_ line: String, _ command: any ParsableCommand.Type) {
        // If this fails too, only the exit status remains.
        try? StandardStream.error.write("\(name(of: command)): error: \(line)\n")
    }

    /// The output of `--help`.
    /// - Parameter message: the argument parser's help text.
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

/// A command whose flags can also be set by environment variables and a configuration file.
package protocol ConfiguredCommand: AsyncParsableCommand {
    /// Runs the command.
    /// - Parameter configuration: the settings from all layers, including the command line.
    func run(_ configuration: LayeredConfiguration) async throws
}

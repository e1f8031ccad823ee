internal import ArgumentParser
package import Logging
internal import ServiceLifecycle

/// The flags `--log.level` and `--log.format`, with the values that Prometheus' programs use.
package struct LogOptions: ParsableArguments {
    /// The level names of Prometheus' programs.
    package enum Level: String, CaseIterable, Sendable, ExpressibleByArgument {
        case debug, info, warn, error

        var loggerLevel: Logger.Level {
            switch self {
            case .debug: .debug
            case .info: .info
            case .warn: .warning
            case .error: .error
            }
        }
    }

    @Option(name: .customLong("log.level"), help: "Only log messages with the given severity or above.")
    package var level = Level.info

    @Option(name: .customLong("log.format"), help: "Output format of log messages.")
    package var format = LogFormat.logfmt

    package init() {}

    /// A logger that writes to standard error with these options.
    package func logger(label: String) -> Logger {
        var logger = Logger(label: label) { [format] _ in LineLogHandler(format: format) }
        logger.logLevel = level.loggerLevel
        return logger
    }
}

/// Announces that a program has started, once its services are running: only then does a signal stop it gracefully, and a program that
/// waits for the notice may send a signal immediately.
package struct StartupNotice: Service {
    private let say: @Sendable () throws -> Void

    /// - Parameter say: throws to stop the services, for example when the notice cannot be written.
    package init(_ say: @escaping @Sendable () throws -> Void) {
        self.say = say
    }

    package func run() async throws {
        try say()
        try? await gracefulShutdown()
    }
}

package import Exposition
package import HTTPServer
package import Logging
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle

/// The web configuration in force: read again when its file, or a certificate or key that it names, changes.
///
/// A file that cannot be used, or that turns a restriction of access off, leaves the previous configuration in force. New certificates
/// and settings hold for new connections, new users and limits for all requests.
package final class ReloadingWebConfiguration: Service, CustomStringConvertible {
    private struct State {
        var loaded: LoadedWebConfiguration
        /// The files of the latest attempt, as they were then.
        var attempted: WatchedFiles
        /// They have changed to this and are looked at once more, as they may still be being written.
        var changing: WatchedFiles?
        /// What was wrong at the latest attempt.
        var error: WebConfigurationError?
        var lastSuccessSeconds: Double
    }

    /// How long a file is left alone between two looks at it.
    private static let interval = Duration.seconds(1)

    private let state: NIOLockedValueBox<State>
    private let time: WebTime
    private let logger: Logger

    package init(_ loaded: LoadedWebConfiguration, time: WebTime, logger: Logger) {
        state = NIOLockedValueBox(
            State(loaded: loaded, attempted: loaded.files, lastSuccessSeconds: time.timestampSeconds()))
        self.time = time
        self.logger = logger
        warn(of: loaded)
    }

    /// How the next connection is secured. Takes no time.
    package var security: ConnectionSecurity? { state.withLockedValue { $0.loaded.security } }

    /// What holds for the next request. Takes no time.
    package var policy: RequestPolicy { state.withLockedValue { $0.loaded.policy } }

    /// The file's name only: services are logged with their description.
    package var description: String { "ReloadingWebConfiguration(\(state.withLockedValue { $0.loaded.path }))" }

    /// Looks after the files until it is told to stop.
    package func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while (try? await time.sleep(Self.interval)) != nil { check() }
        }
    }

    /// Puts a configuration in force that was read from this file anew, or from another, and has no obstacle to it.
    package func replace(with loaded: LoadedWebConfiguration) {
        state.withLockedValue {
            $0 = State(loaded: loaded, attempted: loaded.files, lastSuccessSeconds: time.timestampSeconds())
        }
        warn(of: loaded)
    }

    private func warn(of loaded: LoadedWebConfiguration) {
        for warning in loaded.warnings {
            logger.warning("the web configuration may not be as it was meant", metadata: ["warning": "\(warning)"])
        }
    }

    /// Reads the files again if they have changed since, and not since the look before this one.
    func check() {
        let state = state.withLockedValue { $0 }
        let now = state.attempted.current()
        if now == state.attempted {
            self.state.withLockedValue { $0.changing = nil }
            // What was wrong may have been the system's momentary fault.
            if state.error != nil { load(state, isChanged: false) }
        } else if now == state.changing {
            load(state, isChanged: true)
        } else {
            self.state.withLockedValue { $0.changing = now }
        }
    }

    private func load(_ before: State, isChanged: Bool) {
        var files = WatchedFiles()
        var next = before
        next.changing = nil
        do throws(WebConfigurationError) {
            let loaded = try LoadedWebConfiguration(path: before.loaded.path, &files)
            if let obstacle = loaded.obstacle(toReplacing: before.loaded) {
                throw WebConfigurationError(obstacle).inFile(loaded.path)
            }
            next.loaded = loaded
            next.error = nil
            next.lastSuccessSeconds = time.timestampSeconds()
            logger.info("read the web configuration again", metadata: ["file": "\(loaded.path)"])
            warn(of: loaded)
        } catch {
            if isChanged || error != before.error {
                logger.warning(
                    "the web configuration cannot be used; keeping the previous one", metadata: ["error": "\(error)"])
            }
            next.error = error
        }
        next.attempted = files
        state.withLockedValue { state in
            // Meanwhile it may have been replaced by another file's.
            if state.loaded.path == before.loaded.path { state = next }
        }
    }

    /// The samples of ``WebConfigurationFamilies``.
    package func rendered() -> [RenderedFamily] {
        let state = state.withLockedValue { $0 }
        var samples = SampleWriter<WebConfigurationFamilies>()
        samples.append(.reloadSuccess, value: .integer(state.error == nil ? 1 : 0))
        samples.append(.lastReloadSuccess, value: .real(state.lastSuccessSeconds))
        return samples.rendered()
    }
}

/// What is told of the web configuration file, where there is one.
package enum WebConfigurationFamilies: Int, MetricFamilySet {
    case reloadSuccess, lastReloadSuccess

    package var family: MetricFamily {
        switch self {
        case .reloadSuccess:
            MetricFamily(
                BuildInformation.metricPrefix + "web_config_reload_success", .gauge,
                help:
                    "Whether the file of --web.config.file is in force as it is now; when 0, what it said before is. Only with such a file."
            )
        case .lastReloadSuccess:
            MetricFamily(
                BuildInformation.metricPrefix + "web_config_last_reload_success_timestamp_seconds", .gauge, unit: .seconds,
                help:
                    "When the file of --web.config.file, or a file that it names, was last read with success. Only with such a file."
            )
        }
    }
}

/// The times that the web configuration goes by.
package struct WebTime: Sendable {
    /// A steady clock's time.
    package let uptime: @Sendable () -> Duration
    /// The calendar's time, in seconds since 1970-01-01 UTC.
    package let timestampSeconds: @Sendable () -> Double
    /// Sleeps by the steady clock, until the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        uptime: @escaping @Sendable () -> Duration, timestampSeconds: @escaping @Sendable () -> Double,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.uptime = uptime
        self.timestampSeconds = timestampSeconds
        self.sleep = sleep
    }
}

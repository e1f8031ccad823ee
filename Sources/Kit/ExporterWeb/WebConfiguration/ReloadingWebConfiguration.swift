package import HTTPServer
package import Logging
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle

/// The active web configuration. It is reloaded when its file, or a certificate or key that it refers to, changes.
///
/// If a file is invalid or would remove an access restriction, the previous configuration is kept. New certificates and settings
/// apply to new connections, new users and limits to all requests.
package final class ReloadingWebConfiguration: Service, CustomStringConvertible {
    private struct State {
        var loaded: LoadedWebConfiguration
        /// Watches the files as of the latest attempt.
        var watch: FileWatch
        /// The error of the latest attempt.
        var error: WebConfigurationError?
        var lastSuccessSeconds: Double
        /// How often ``replace(with:)`` has activated another configuration.
        let replacements: Int

        init(_ loaded: LoadedWebConfiguration, lastSuccessSeconds: Double, replacements: Int = 0) {
            self.loaded = loaded
            watch = FileWatch(loaded.files)
            self.lastSuccessSeconds = lastSuccessSeconds
            self.replacements = replacements
        }
    }

    private let state: NIOLockedValueBox<State>
    private let time: WebTime
    private let logger: Logger

    package init(_ loaded: LoadedWebConfiguration, time: WebTime, logger: Logger) {
        state = NIOLockedValueBox(State(loaded, lastSuccessSeconds: time.timestampSeconds()))
        self.time = time
        self.logger = logger
        warn(of: loaded)
    }

    /// How the next connection is secured. Does not block.
    package var security: ConnectionSecurity? { state.withLockedValue { $0.loaded.security } }

    /// The policy for the next request. Does not block.
    package var policy: RequestPolicy { state.withLockedValue { $0.loaded.policy } }

    /// The file's name only, since services are logged with their description.
    package var description: String { "ReloadingWebConfiguration(\(state.withLockedValue { $0.loaded.path }))" }

    /// Watches the files until shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while (try? await time.sleep(FileWatch.interval)) != nil { check() }
        }
    }

    /// Activates a configuration reloaded from this file or another one, unless it would remove an access restriction of the
    /// active one.
    /// - Returns: why the active configuration is kept; nil when it was replaced.
    package func replace(with loaded: LoadedWebConfiguration) -> String? {
        let now = time.timestampSeconds()
        let obstacle = state.withLockedValue { state -> String? in
            if let obstacle = loaded.obstacle(toReplacing: state.loaded) { return obstacle }
            state = State(loaded, lastSuccessSeconds: now, replacements: state.replacements + 1)
            return nil
        }
        if obstacle == nil { warn(of: loaded) }
        return obstacle
    }

    private func warn(of loaded: LoadedWebConfiguration) {
        for warning in loaded.warnings {
            logger.warning("questionable web configuration", metadata: ["warning": "\(warning)"])
        }
    }

    /// Reloads the files if they have changed since they were loaded, but not since the previous check.
    func check() {
        let before = state.withLockedValue { $0 }
        var watch = before.watch
        let hasChanged = watch.hasChanged()
        // An error may have been a temporary one of the system.
        if hasChanged || watch.isUnchanged && before.error != nil {
            load(before, isChanged: hasChanged)
        } else {
            state.withLockedValue { if $0.replacements == before.replacements { $0.watch = watch } }
        }
    }

    private func load(_ before: State, isChanged: Bool) {
        var files = WatchedFiles()
        var next = before
        do throws(WebConfigurationError) {
            let loaded = try LoadedWebConfiguration(path: before.loaded.path, &files)
            if let obstacle = loaded.obstacle(toReplacing: before.loaded) {
                throw WebConfigurationError(obstacle).inFile(loaded.path)
            }
            next.loaded = loaded
            next.error = nil
            next.lastSuccessSeconds = time.timestampSeconds()
        } catch {
            next.error = error
        }
        next.watch = FileWatch(files)
        let isActive = state.withLockedValue { [next] state in
            // If it was replaced in the meantime, the next check compares the files with those of the replacement.
            guard state.replacements == before.replacements else { return false }
            state = next
            return true
        }
        guard isActive else { return }
        if let error = next.error {
            guard isChanged || error != before.error else { return }
            logger.warning("cannot load the web configuration; keeping the previous one", metadata: ["error": "\(error)"])
        } else {
            logger.info("reloaded the web configuration", metadata: ["file": "\(next.loaded.path)"])
            warn(of: next.loaded)
        }
    }

    /// The result of the latest reload.
    package var report: ReloadReport {
        state.withLockedValue { ReloadReport(isSuccessful: $0.error == nil, lastSuccessSeconds: $0.lastSuccessSeconds) }
    }
}

/// The clocks that the web configuration uses.
package struct WebTime: Sendable {
    /// A steady clock.
    package let uptime: @Sendable () -> Duration
    /// The calendar time, in seconds since 1970-01-01 UTC.
    package let timestampSeconds: @Sendable () -> Double
    /// Sleeps by the steady clock; throws when the task is cancelled.
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

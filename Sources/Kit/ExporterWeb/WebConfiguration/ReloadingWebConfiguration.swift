package import HTTPServer
package import Logging
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle

/// The active web configuration. It is reloaded when its file, or a certificate or key that it refers to, changes.
///
/// If a file is invalid or would remove an access restriction, the previous configuration is kept until a file changes. Unchanged files are
/// read again only after a read error, less and less often. New certificates and TLS settings apply to new connections, new users and
/// limits to all requests.
package final class ReloadingWebConfiguration: Service, CustomStringConvertible {
    private struct State {
        var loaded: LoadedWebConfiguration
        /// Watches the files as of the latest attempt.
        var watch: FileWatch
        /// The error of the latest attempt.
        var error: WebConfigurationError?
        /// When to try again although no file has changed; nil when that is useless.
        var retry: Retry?
        var lastSuccessSeconds: Double
        /// How often another configuration has been activated.
        var revision: Int

        init(_ loaded: LoadedWebConfiguration, lastSuccessSeconds: Double, revision: Int = 0) {
            self.loaded = loaded
            watch = FileWatch(loaded.files)
            self.lastSuccessSeconds = lastSuccessSeconds
            self.revision = revision
        }
    }

    /// A repeated attempt after a read error, which may have been caused by a temporary condition of the system. Other errors stay until a
    /// file changes, and each attempt would leave memory behind: NIOSSL does not release a context whose key does not match its certificate.
    private struct Retry {
        private static let maximumWait = Duration.seconds(60)

        private let wait: Duration
        /// The steady time.
        let time: Duration

        /// - Parameter previous: the attempt that has just failed; nil if a file had changed.
        init(after previous: Retry?, now: Duration) {
            wait = previous.map { min($0.wait * 2, Self.maximumWait) } ?? FileWatch.interval
            time = now + wait
        }
    }

    private let state: NIOLockedValueBox<State>
    private let time: WebTime
    private let logger: Logger
    private let load: Load

    /// Reads a file together with all files that it refers to, and records them.
    typealias Load = @Sendable (String, inout WatchedFiles) throws(WebConfigurationError) -> LoadedWebConfiguration

    package convenience init(_ loaded: LoadedWebConfiguration, time: WebTime, logger: Logger) {
        self.init(loaded, time: time, logger: logger, load: LoadedWebConfiguration.init)
    }

    init(_ loaded: LoadedWebConfiguration, time: WebTime, logger: Logger, load: @escaping Load) {
        self.load = load
        state = NIOLockedValueBox(State(loaded, lastSuccessSeconds: time.timestampSeconds()))
        self.time = time
        self.logger = logger
        warn(of: loaded)
    }

    /// How the next connection is secured. Does not block.
    package var security: ConnectionSecurity? { state.withLockedValue { $0.loaded.security } }

    /// The policy for the next request. Does not block.
    package var policy: RequestPolicy { state.withLockedValue { $0.loaded.policy } }

    /// Identifies the active configuration: a number that grows with each activation.
    package var revision: Int { state.withLockedValue { $0.revision } }

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
    /// - Parameter revision: the ``revision`` before the file was read. If the watcher has activated the same file since then, its content is
    ///   newer, and is kept.
    /// - Returns: why the active configuration is kept; nil when it was replaced, or is newer.
    package func replace(with loaded: LoadedWebConfiguration, readAt revision: Int) -> String? {
        let now = time.timestampSeconds()
        let obstacle = state.withLockedValue { state -> String? in
            if state.revision != revision, state.loaded.path == loaded.path { return nil }
            if let obstacle = loaded.obstacle(toReplacing: state.loaded) { return obstacle }
            state = State(loaded, lastSuccessSeconds: now, revision: state.revision + 1)
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
        if hasChanged || watch.isUnchanged && before.retry.map({ $0.time <= time.uptime() }) ?? false {
            reload(before, isChanged: hasChanged)
        } else {
            state.withLockedValue { if $0.revision == before.revision { $0.watch = watch } }
        }
    }

    private func reload(_ before: State, isChanged: Bool) {
        var files = WatchedFiles()
        var next = before
        do throws(WebConfigurationError) {
            let loaded = try load(before.loaded.path, &files)
            if let obstacle = loaded.obstacle(toReplacing: before.loaded) {
                throw WebConfigurationError(obstacle).inFile(loaded.path)
            }
            next.loaded = loaded
            next.revision += 1
            next.error = nil
            next.retry = nil
            next.lastSuccessSeconds = time.timestampSeconds()
        } catch {
            next.error = error
            next.retry = files.hasReadError ? Retry(after: isChanged ? nil : before.retry, now: time.uptime()) : nil
        }
        next.watch = FileWatch(files)
        let isActive = state.withLockedValue { [next] state in
            // If it was replaced in the meantime, the next check compares the files with the replacement's.
            guard state.revision == before.revision else { return false }
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

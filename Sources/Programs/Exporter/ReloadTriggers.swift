internal import Basics
internal import ExporterWeb
internal import ServiceLifecycle
internal import UnixSignals

/// Reloads the configuration on SIGHUP.
struct SIGHUPService: Service {
    let hangups: UnixSignalsSequence
    let configuration: RunningConfiguration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in hangups { _ = await configuration.reload() }
        }
    }
}

/// Reloads the configuration when its file changes (`--config.auto-reload`).
struct ConfigurationFileService: Service {
    let file: String
    let time: TimeSource
    let configuration: RunningConfiguration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var watch = FileWatch([file])
            while (try? await time.sleep(until: time.uptime + FileWatch.interval)) != nil {
                // An invalid file is not loaded again until it changes again.
                if watch.hasChanged() { _ = await configuration.reload() }
            }
        }
    }
}

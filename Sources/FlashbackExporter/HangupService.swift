internal import ServiceLifecycle
internal import UnixSignals

/// Has the configuration read again whenever the process is sent SIGHUP.
struct HangupService: Service {
    let hangups: UnixSignalsSequence
    let configuration: RunningConfiguration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in hangups { _ = await configuration.reload() }
        }
    }
}

internal import ArgumentParser
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

/// Lets a command that ends by itself end early in good order: a renewal under way leaves a token that works.
enum Interruption {
    /// Runs a command; cancels it on SIGINT, SIGTERM or SIGHUP, and waits for its end.
    /// - Throws: what the command throws; after a signal `ExitCode`, with the status that a shell gives to a program that it ended.
    static func ending<Result: Sendable>(_ command: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return try await withThrowingTaskGroup(of: UnixSignal?.self) { group in
            let work = Task { try await command() }
            group.addTask {
                _ = await work.result
                return nil
            }
            group.addTask { await signals.first { _ in true } }
            let signal = try await group.next() ?? nil
            if signal != nil { work.cancel() }
            group.cancelAll()
            let result = await work.result
            // Until here another signal is not the end of the process either.
            withExtendedLifetime(signals) {}
            if let signal { throw ExitCode(128 + signal.rawValue) }
            return try result.get()
        }
    }
}

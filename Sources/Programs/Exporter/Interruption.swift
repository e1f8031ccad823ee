internal import ArgumentParser
internal import UnixSignals

/// Lets a one-shot command end gracefully on a signal: a renewal in progress still leaves a valid token.
enum Interruption {
    /// Runs a command, cancels it on SIGINT, SIGTERM or SIGHUP, and waits for its end.
    /// - Throws: the command's error; after a signal, an `ExitCode` with the status that a shell reports for a program ended by that
    ///   signal.
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
            // Keeps further signals from ending the process until here.
            withExtendedLifetime(signals) {}
            if let signal { throw ExitCode(128 + signal.rawValue) }
            return try result.get()
        }
    }
}

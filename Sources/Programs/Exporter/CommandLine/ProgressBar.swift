internal import Configuration
internal import FlashbackCollectors

/// A progress bar on standard error, shown only on a terminal.
enum ProgressBar {
    private static let width = 30
    private static let interval = Duration.milliseconds(100)

    /// Shows the progress of an operation while it runs.
    static func showing<Result: Sendable>(
        _ progress: @escaping @Sendable () async -> CollectionProgress, during operation: () async -> Result
    ) async -> Result {
        guard StandardStream.error.isTerminal else { return await operation() }
        let bar = Task {
            while !Task.isCancelled {
                try? StandardStream.error.write("\r" + line(await progress()))
                try? await Task.sleep(for: interval)
            }
        }
        let result = await operation()
        bar.cancel()
        await bar.value
        // Clear the line.
        try? StandardStream.error.write("\r\u{1B}[K")
        return result
    }

    static func line(_ progress: CollectionProgress) -> String {
        let share = progress.expected == 0 ? 0 : Double(progress.done) / Double(progress.expected)
        let filled = min(width, Int(share * Double(width)))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        return "[\(bar)] \(progress.done) of \(progress.expected) requests"
    }
}

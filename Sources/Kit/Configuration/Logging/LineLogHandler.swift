package import FoundationEssentials
package import Logging

/// Writes each log message as one line, by default to standard error.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel = Logger.Level.info

    private let format: LogFormat
    private let now: @Sendable () -> Date
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - now: the clock for timestamps.
    ///   - write: receives a complete line including its newline.
    package init(
        format: LogFormat, now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (String) -> Void = { try? StandardStream.error.write($0) }
    ) {
        self.format = format
        self.now = now
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let merged = event.metadata.map { metadata.merging($0) { _, new in new } } ?? metadata
        var pairs = [
            (key: "ts", value: now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
            (key: "level", value: Self.name(of: event.level)),
            (key: "msg", value: "\(event.message)"),
        ]
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) { pairs.append((key, "\(value)")) }
        if let error = event.error { pairs.append(("err", "\(error)")) }
        write(format.line(pairs) + "\n")
    }

    private static func name(of level: Logger.Level) -> String {
        level == .warning ? "warn" : level.rawValue
    }
}

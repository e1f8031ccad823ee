package import Logging
internal import NIOConcurrencyHelpers

/// A log that tests can inspect.
package final class RecordedLog: Sendable {
    private let recorded = NIOLockedValueBox<[String]>([])

    package init() {}

    /// The messages so far, each between its level and its metadata.
    package var lines: [String] { recorded.withLockedValue { $0 } }

    /// The messages so far that contain a text.
    package func lines(with text: String) -> [String] { lines.filter { $0.contains(text) } }

    /// A logger that records here, from the level debug.
    package var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = .debug
        return logger
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let pairs = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
                .joined()
            let line = "\(event.level) \(event.message)\(pairs)"
            log.recorded.withLockedValue { $0.append(line) }
        }
    }
}

internal import FlashbackAPI
internal import Logging
internal import PrometheusCommandLine

/// What `--config.check` does.
enum ConfigurationCheck {
    /// Reads what the settings name, asks nobody, and says that it is good.
    /// - Throws: an error of one line that says what is not.
    static func run(_ settings: ExporterSettings) async throws {
        let logger = settings.log.logger(label: "flashback-exporter")
        for account in settings.accounts {
            let connection = try await account.connection(time: .system(), logger: logger)
            await connection.close()
        }
        try StandardStream.output.write("configuration: good\n")
    }
}

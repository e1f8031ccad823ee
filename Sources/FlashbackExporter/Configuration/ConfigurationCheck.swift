internal import FlashbackAPI
internal import Logging
internal import PrometheusCommandLine
internal import YAMLTree

/// What `--config.check` does.
enum ConfigurationCheck {
    /// Reads what the settings name, asks nobody, and says that it is good.
    /// - Throws: an error of one line that says what is not.
    static func run(_ settings: ExporterSettings) async throws {
        let logger = settings.log.logger(label: "flashback-exporter")
        for account in settings.accounts {
            do {
                try await Account.withConnection(to: account.upstream, time: .system(), logger: logger) { _ in }
            } catch {
                guard let name = account.name else { throw error }
                throw InvalidArgument("account \(YAMLName.quoted(name)): \(error)")
            }
        }
        StandardStream.output.write("configuration: good\n")
    }
}

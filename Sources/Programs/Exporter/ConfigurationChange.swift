internal import Configuration
internal import ExporterWeb
internal import HTTPServer
internal import Logging

/// The effect of a reloaded configuration, limited to what can change while the exporter runs.
struct ConfigurationChange {
    /// The resulting settings: the new ones, except those that need a restart.
    let settings: ExporterSettings
    /// The web configuration file to activate, if any. It must not remove access restrictions of the active one.
    /// ``ReloadingWebConfiguration`` checks this, because the settings have the file as of the start.
    let webConfigurationFile: LoadedWebConfiguration?
    /// The flags whose new values need a restart.
    let needingRestart: [String]
    /// The numbers of accounts added, changed, removed and kept, for the log.
    let accounts: Logger.Metadata

    init(from before: ExporterSettings, to new: ExporterSettings) {
        var settings = new
        var flags: [String] = []
        func keep<Value: Equatable>(_ value: WritableKeyPath<ExporterSettings, Value>, _ flag: String) {
            if settings[keyPath: value] == before[keyPath: value] { return }
            settings[keyPath: value] = before[keyPath: value]
            flags.append(flag)
        }
        keep(\.web.listenAddresses, "--web.listen-address")
        keep(\.web.usesSystemdSocket, "--web.systemd-socket")
        keep(\.web.maximumConnections, "--web.max-connections")
        keep(\.web.telemetryPath, "--web.telemetry-path")
        keep(\.watchedFile, "--config.auto-reload")
        keep(\.log.level, "--log.level")
        keep(\.log.format, "--log.format")
        let (old, file) = (before.web.configurationFile, new.web.configurationFile)
        settings.web.configurationFile = old
        if (old == nil) != (file == nil) { flags.append("--web.config.file") }
        webConfigurationFile = old == nil ? nil : file
        self.settings = settings
        needingRestart = flags
        accounts = Self.accounts(from: before.accounts, to: new.accounts)
    }

    private static func accounts(from before: [AccountSettings], to new: [AccountSettings]) -> Logger.Metadata {
        let (old, names) = (Set(before), Set(before.map(\.name)))
        let unchanged = new.count(where: old.contains)
        let changed = new.count { !old.contains($0) && names.contains($0.name) }
        return [
            "accounts_added": "\(new.count - unchanged - changed)", "accounts_changed": "\(changed)",
            "accounts_removed": "\(names.subtracting(new.map(\.name)).count)", "accounts_unchanged": "\(unchanged)",
        ]
    }
}

internal import Basics
internal import Configuration
internal import FlashbackAPI
internal import Logging

/// The exporter's configuration rules.
enum ExporterConfiguration {
    /// The configuration file's key for accounts.
    static let accountsKey = "accounts"

    static let rules = ConfigurationRules(
        catalogue: { catalogue },
        variablePrefix: "FLASHBACK_EXPORTER_",
        fileSetting: "config.file",
        documents: [accountsKey],
        advice: advice)

    /// Created on first use; `--version` does not need it.
    private static let catalogue = SettingCatalogue(of: ExporterOptions.self, except: ["config.check"])

    /// Advice for values that must not be given directly: secrets would be visible to all who can read the file or the
    /// environment.
    private static let advice: [String: String] = {
        let token =
            "a token does not belong here; write it to a file and set token-file, "
            + "or without accounts set \(FlashbackOptions.tokenVariable)"
        let refreshToken = "a refresh token does not belong here; write it to a file and set refresh-token-file"
        let password = "a password does not belong here; write it to a file and set password-file"
        let configuration = "--config.file and --config.check belong on the command line; the file can also be set by a variable"
        return [
            "token": token, "flashback.token": token, "refresh-token": refreshToken, "flashback.refresh-token": refreshToken,
            "password": password, "flashback.password": password, "config": configuration, "config.check": configuration,
        ]
    }()
}

/// Implements `--config.check`.
enum ConfigurationCheck {
    /// Reads all files named in the settings, makes no request, and reports that the configuration is valid.
    /// - Throws: a one-line error about what is invalid.
    static func run(_ settings: ExporterSettings) async throws {
        let logger = settings.log.logger(label: "flashback-exporter")
        for account in settings.accounts {
            let connection = try await account.connection(time: .system(), logger: logger)
            await connection.close()
        }
        try StandardStream.output.write("configuration: good\n")
    }
}

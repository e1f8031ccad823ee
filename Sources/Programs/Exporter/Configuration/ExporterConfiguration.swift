internal import Basics
internal import Configuration
internal import FlashbackAPI
internal import Logging

/// How the exporter is configured.
enum ExporterConfiguration {
    /// The key of the configuration file under which the accounts stand.
    static let accountsKey = "accounts"

    static let rules = ConfigurationRules(
        catalogue: { catalogue },
        variablePrefix: "FLASHBACK_EXPORTER_",
        fileSetting: "config.file",
        documents: [accountsKey],
        advice: advice)

    /// Made when it is first asked for: `--version` has no use for it.
    private static let catalogue = SettingCatalogue(of: ExporterOptions.self, except: ["config.check"])

    /// What to do instead of giving what cannot be given: secrets would be seen by whoever reads the file or the environment.
    private static let advice: [String: String] = {
        let token =
            "a token is not given here; write it to a file and name that in token-file, "
            + "or without accounts set \(FlashbackOptions.tokenVariable)"
        let refreshToken = "a refresh token is not given here; write it to a file and name that in refresh-token-file"
        let password = "a password is not given here; write it to a file and name that in password-file"
        let configuration = "--config.file and --config.check are for the command line; the file's name can also be in a variable"
        return [
            "token": token, "flashback.token": token, "refresh-token": refreshToken, "flashback.refresh-token": refreshToken,
            "password": password, "flashback.password": password, "config": configuration, "config.check": configuration,
        ]
    }()
}

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

internal import PrometheusCommandLine

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

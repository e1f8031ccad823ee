internal import PrometheusCommandLine

extension ExporterSettings {
    /// What all layers of the configuration say, checked as far as it can be without asking the API.
    /// - Throws: an error of one line that says what is wrong, and where it is set.
    init(_ configuration: LayeredConfiguration) throws(InvalidArgument) {
        let options = try configuration.parse(ExporterOptions.self)
        do {
            self.init(
                accounts: try ConfiguredAccounts.settings(configuration, options), web: try options.web.configuration(),
                enablesLifecycle: options.web.enablesLifecycle, log: options.log)
        } catch {
            throw configuration.explained(error, of: ExporterOptions.self)
        }
    }
}

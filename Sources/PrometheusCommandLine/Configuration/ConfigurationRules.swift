/// How a program is configured in layers: its settings, and what is particular about some names.
package struct ConfigurationRules: Sendable {
    /// All settings.
    package let catalogue: @Sendable () -> SettingCatalogue
    /// What the variables' names begin with, such as "FLASHBACK_EXPORTER_".
    package let variablePrefix: String
    /// The setting that names the configuration file. The file itself cannot have it.
    package let fileSetting: String
    /// Keys of the file that are no settings: the program reads what stands under them itself.
    package let documents: [String]
    /// What to do instead of giving something that is no setting, by the name that it would have: for secrets, which belong into
    /// files of their own.
    package let advice: [String: String]

    package init(
        catalogue: @escaping @Sendable () -> SettingCatalogue, variablePrefix: String, fileSetting: String, documents: [String],
        advice: [String: String]
    ) {
        self.catalogue = catalogue
        self.variablePrefix = variablePrefix
        self.fileSetting = fileSetting
        self.documents = documents
        self.advice = advice
    }
}

internal import Configuration

/// Generates the reference of all settings from the flags' declarations.
struct ConfigurationReference {
    let rules: ConfigurationRules
    private let catalogue: SettingCatalogue

    init(_ rules: ConfigurationRules) {
        self.rules = rules
        catalogue = rules.catalogue()
    }

    /// The whole document.
    var markdown: String {
        var text = Self.introduction
        var sections: [String] = []
        for setting in catalogue.shown {
            if let section = setting.section, !sections.contains(section) { sections.append(section) }
        }
        for section in sections {
            text += "\n### \(section)\n\n\(table(of: catalogue.shown.filter { $0.section == section }))"
        }
        return text
    }

    private func table(of settings: [Setting]) -> String {
        var lines = ["| flag | variable | key | default | meaning |", "|---|---|---|---|---|"]
        for setting in settings {
            let cells = [
                flag(setting), code(setting.variable(prefix: rules.variablePrefix)), key(setting), value(setting.defaultValue),
                meaning(setting),
            ]
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func flag(_ setting: Setting) -> String {
        switch setting.kind {
        case .flag(isInverted: true): code("--[no-]\(setting.name)")
        case .flag(isInverted: false): code(setting.flag)
        case .option: code(setting.flag)
        }
    }

    private func key(_ setting: Setting) -> String {
        setting.name == rules.fileSetting ? "none" : code(catalogue.key(of: setting))
    }

    /// A default: a literal value or a description.
    private func value(_ text: String?) -> String {
        guard let text else { return "" }
        return text.contains(" ") ? text : code(text)
    }

    private func meaning(_ setting: Setting) -> String {
        guard !setting.values.isEmpty else { return setting.meaning }
        return "\(setting.meaning) One of \(setting.values.map(code).joined(separator: ", "))."
    }

    private func code(_ text: String) -> String { "`\(text)`" }
}

internal import ArgumentParser
internal import Configuration

/// Generates the manual page in mdoc from the flags' declarations: everything except its date, which comes first, and the end
/// from `deploy/debian/manual.mdoc`.
struct ManualPage {
    /// The complete text.
    static var text: String {
        var page = ManualPage()
        page.addIntroduction()
        page.addOptions()
        page.addCommands()
        return page.lines.joined(separator: "\n") + "\n"
    }

    private let rules = ExporterConfiguration.rules
    /// The settings that have variables and keys.
    private let layered = ExporterConfiguration.rules.catalogue()
    private let all = SettingCatalogue(of: ExporterCommand.self)
    private let commands: [any ParsableCommand.Type] = ExporterCommand.configuration.subcommands.filter {
        $0.configuration.shouldDisplay
    }
    private var lines: [String] = []

    private mutating func addIntroduction() {
        let configuration = ExporterCommand.configuration
        lines += [
            ".Dt FLASHBACK-EXPORTER 8", ".Os", ".Sh NAME", ".Nm flashback-exporter",
            ".Nd \(Self.text(configuration.abstract.prefix { $0 != "." }))", ".Sh SYNOPSIS", ".Nm", ".Op Ar option ...",
        ]
        for command in commands {
            lines += [".Nm", ".Cm \(command._commandName)", ".Op Ar option ..."]
        }
        lines += [
            ".Sh DESCRIPTION",
            "Without a command,", ".Nm", "serves metrics until it is terminated.", ".Pp",
            Self.text(configuration.discussion),
        ]
    }

    private mutating func addOptions() {
        lines += [
            ".Sh OPTIONS", Self.text("A flag with the prefix --no- disables what the flag without it enables."),
        ]
        var sections: [String] = []
        for setting in all.shown {
            if let section = setting.section, !sections.contains(section) { sections.append(section) }
        }
        for section in sections {
            lines.append(".Ss \(section)")
            add(all.shown.filter { $0.section == section })
        }
        lines += [
            ".Ss Other", ".Bl -tag -width 6n", ".It Fl -version", "Show the version.", ".It Fl h , Fl -help", "Show help.", ".El",
        ]
    }

    private mutating func addCommands() {
        lines.append(".Sh COMMANDS")
        for command in commands {
            lines += [".Ss \(command._commandName)", Self.text(command.configuration.abstract)]
            if !command.configuration.discussion.isEmpty { lines += [".Pp", Self.text(command.configuration.discussion)] }
            let settings = SettingCatalogue(of: command).shown
            let own = settings.filter { all[$0.name] == nil }
            if !own.isEmpty { add(own) }
            var sections: [String] = []
            for section in settings.compactMap(\.section) where !sections.contains(section) { sections.append(section) }
            if !sections.isEmpty {
                lines += [".Pp", "It also takes the options under these headings: \(sections.joined(separator: ", "))."]
            }
        }
    }

    private mutating func add(_ settings: [Setting]) {
        lines.append(".Bl -tag -width 6n")
        for setting in settings {
            lines.append(".It \(Self.names(of: setting))")
            lines.append(Self.text(setting.meaning))
            if !setting.values.isEmpty { lines.append("One of \(setting.values.joined(separator: ", ")).") }
            if let value = Self.defaultValue(of: setting) { lines.append("Default: \(Self.text(value)).") }
            if layered[setting.name] != nil {
                lines += ["Variable:", ".Ev \(setting.variable(prefix: rules.variablePrefix)) ."]
            }
        }
        lines.append(".El")
    }

    /// The arguments of the macro that starts a list item.
    private static func names(of setting: Setting) -> String {
        let flag = "Fl -\(escaped(setting.name))"
        return switch setting.kind {
        case .flag(isInverted: true): "\(flag) , Fl -no-\(escaped(setting.name))"
        case .flag(isInverted: false): flag
        case .option: "\(flag) Ar \(setting.valueName ?? "value")"
        }
    }

    private static func defaultValue(of setting: Setting) -> String? {
        guard case .flag(let isInverted) = setting.kind else { return setting.defaultValue }
        guard isInverted else { return nil }
        return setting.defaultValue == "true" ? setting.flag : "--no-\(setting.name)"
    }

    /// Text on one line, escaped so that no word is a macro and the dashes of flags can be copied.
    private static func text(_ words: some StringProtocol) -> String {
        let line = words.split(separator: " ").map { word in
            let text = String(word)
            // Prevents line breaks within a path or URL.
            if text.contains("/") { return "\\%" + text.replacing("\\", with: "\\e") }
            return text.drop { $0 == "(" || $0 == "\"" }.hasPrefix("--") ? escaped(text) : text.replacing("\\", with: "\\e")
        }.joined(separator: " ")
        return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&\(line)" : line
    }

    private static func escaped(_ name: String) -> String { name.replacing("-", with: "\\-") }
}

package import ArgumentParser
internal import FoundationEssentials

/// All settings of a program. They are read from the argument parser's own description of the flags, so that each is declared
/// only once.
package struct SettingCatalogue: Sendable {
    /// In the order of the help.
    package let settings: [Setting]
    private let byName: [String: Setting]

    init(_ settings: [Setting]) {
        self.settings = settings
        byName = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0) })
    }

    /// The settings declared by a group of flags.
    /// - Parameter exceptions: the names of flags that exist on the command line only.
    package init(of flags: (some ParsableArguments).Type, except exceptions: Set<String> = []) {
        // The argument parser's output for --experimental-dump-help, which its plugins read.
        guard let tool = try? JSONDecoder().decode(DescribedTool.self, from: Data(flags._dumpHelp().utf8)) else {
            preconditionFailure("the argument parser describes flags in another way than it did")
        }
        self.init(tool.settings.filter { !exceptions.contains($0.name) })
    }

    /// The settings in the help and the documents: all that are not deprecated.
    package var shown: [Setting] { settings.filter { !$0.isHidden } }

    package subscript(name: String) -> Setting? { byName[name] }

    /// The setting's key in a configuration file, with dots: its name, plus a key of its own if the name is a prefix of others.
    package func key(of setting: Setting) -> String {
        isBeginning(setting.name) ? "\(setting.name).\(SettingKeys.ownKey)" : setting.name
    }

    /// Whether a name plus a dot is a prefix of the names of other shown settings.
    package func isBeginning(_ name: String) -> Bool { shown.contains { $0.name.hasPrefix("\(name).") } }
}

/// The parts of the argument parser's description that are used here.
private struct DescribedTool: Decodable {
    struct Command: Decodable {
        let arguments: [Argument]?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        let kind: String
        let shouldDisplay: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?
        let sectionTitle: String?

        var longName: String? { names?.first { $0.kind == "long" }?.name }
    }

    let command: Command

    var settings: [Setting] {
        let arguments = command.arguments ?? []
        let names = Set(arguments.compactMap(\.longName))
        return arguments.compactMap { argument in
            guard let name = argument.longName, !["help", "version"].contains(name) else { return nil }
            if name.hasPrefix("no-"), names.contains(String(name.dropFirst(3))) { return nil }
            return Setting(argument, name: name, isInverted: names.contains("no-\(name)"))
        }
    }
}

extension Setting {
    fileprivate init(_ argument: DescribedTool.Argument, name: String, isInverted: Bool) {
        self.name = name
        section = argument.sectionTitle
        isHidden = !argument.shouldDisplay
        values = argument.allValues ?? []
        var meaning = argument.abstract ?? ""
        var stated: String?
        // Help texts contain the default in this form if the argument parser does not know the default.
        let beginning = "(default: "
        if meaning.hasSuffix(")"), let parenthesis = meaning.lastIndex(of: "("), meaning[parenthesis...].hasPrefix(beginning) {
            stated = String(meaning[parenthesis...].dropFirst(beginning.count).dropLast())
            meaning = String(meaning[..<parenthesis].dropLast())
        }
        self.meaning = meaning
        if argument.kind == "flag" {
            kind = .flag(isInverted: isInverted)
            valueName = nil
            // The argument parser knows no default for an optional flag.
            defaultValue = argument.defaultValue ?? stated == "--\(name)" ? "true" : "false"
        } else {
            kind = .option(isRepeatable: argument.isRepeating)
            valueName = argument.valueName
            defaultValue = argument.defaultValue ?? stated
        }
    }
}

/// Adds each setting's environment variable to its flag in a help text.
enum HelpVariables {
    /// The indentation of the argument parser's explanations.
    private static let indentation = String(repeating: " ", count: 26)

    /// - Parameter help: the argument parser's help text.
    static func added(to help: String, _ rules: ConfigurationRules) -> String {
        let catalogue = rules.catalogue()
        var lines: [String] = []
        var current: Setting?
        func finish() {
            if let setting = current { lines.append("\(indentation)[$\(setting.variable(prefix: rules.variablePrefix))]") }
            current = nil
        }
        for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
            if !line.hasPrefix(indentation) { finish() }
            if line.hasPrefix("  --") {
                let name = line.dropFirst(4).prefix { $0 != " " && $0 != "/" }
                current = catalogue[String(name)]
            }
            lines.append(String(line))
        }
        finish()
        return lines.joined(separator: "\n")
    }
}

package import ArgumentParser

/// The combined settings of all layers. Precedence: command line, environment variables, configuration file, defaults.
///
/// A setting is taken as a whole from the highest layer that has it: lists from several layers are not merged.
package struct LayeredConfiguration: Sendable {
    private let rules: ConfigurationRules
    private let arguments: [String]
    /// The environment variables.
    package let environment: [String: String]
    private let catalogue: SettingCatalogue
    private let file: ConfigurationFile?
    /// By setting name, without defaults.
    package private(set) var values: SettingValues

    /// Combines the layers.
    /// - Parameter arguments: the process' arguments without the program's name.
    /// - Throws: ``InvalidArgument`` with the variable, or the file and line.
    package init(
        _ rules: ConfigurationRules, arguments: [String], environment: [String: String]
    ) throws(InvalidArgument) {
        try self.init(rules, rules.catalogue(), arguments: arguments, environment: environment)
    }

    private init(
        _ rules: ConfigurationRules, _ catalogue: SettingCatalogue, arguments: [String], environment: [String: String]
    ) throws(InvalidArgument) {
        self.rules = rules
        self.catalogue = catalogue
        self.arguments = arguments
        self.environment = environment
        let commandLine = CommandLineLayer(catalogue: catalogue).values(arguments)
        let variables = try EnvironmentLayer(catalogue: catalogue, rules: rules).values(environment)
        let upper = commandLine.merging(variables) { higher, _ in higher }
        // An empty path means no file, so that a flag can override a variable.
        if let named = upper[rules.fileSetting], let path = named.texts.last, !path.isEmpty {
            let file = try ConfigurationFile(path: path)
            let layer = FileLayer(
                path: path, keys: SettingKeys(catalogue) { $0.name == rules.fileSetting ? nil : $0.name }, advice: rules.advice,
                others: rules.documents)
            values = upper.merging(try layer.values(in: file.root, place: "the configuration")) { higher, _ in higher }
            self.file = file
        } else {
            file = nil
            values = upper
        }
    }

    /// The same layers with the file read again.
    package func reloaded() throws(InvalidArgument) -> LayeredConfiguration {
        try LayeredConfiguration(rules, catalogue, arguments: arguments, environment: environment)
    }

    // MARK: Values

    /// Parses a group of flags from the layers' values.
    /// - Throws: ``InvalidArgument`` with the origin of an invalid value.
    package func parse<Options: ParsableArguments>(_ options: Options.Type) throws(InvalidArgument) -> Options {
        do {
            return try options.parse(catalogue.settings.flatMap { values[$0.name]?.arguments(for: $0) ?? [] })
        } catch {
            throw explained(error, of: options)
        }
    }

    /// The same configuration with some settings replaced.
    package func replacing(_ others: SettingValues) -> LayeredConfiguration {
        var configuration = self
        configuration.values.merge(others) { _, new in new }
        return configuration
    }

    // MARK: The file's other keys

    /// The value of a key in the file that is not a setting; nil if it is missing.
    package func document(_ key: String) -> YAMLNode? {
        guard let file, case .mapping(let entries) = file.root.content else { return nil }
        return entries.first { $0.key == key && !$0.value.isNull }?.value
    }

    /// Reads the settings in a mapping of such a value.
    /// - Parameters:
    ///   - key: the key of a setting in this mapping, with dots; nil if the setting is not allowed here.
    ///   - others: keys of the mapping that are not settings.
    ///   - place: the mapping's name in messages.
    package func values(
        in node: YAMLNode, key: (Setting) -> String?, except others: [String], place: String
    ) throws(InvalidArgument) -> SettingValues {
        let keys = SettingKeys(catalogue, key: key)
        return try FileLayer(path: file?.path ?? "", keys: keys, advice: rules.advice, others: others)
            .values(in: node, place: place)
    }

    /// An error about a position in the file.
    package func error(at position: YAMLPosition, _ message: String) -> InvalidArgument {
        InvalidArgument("\(SettingOrigin.file(path: file?.path ?? "", position)): \(message)")
    }

    // MARK: Messages

    /// An error as one line, with the origin of each flag in it that was not set on the command line.
    package func explained(_ error: any Error, of options: any ParsableArguments.Type) -> InvalidArgument {
        let line = ErrorLine.text(of: error, options)
        let notes = FlagNames.named(in: line, catalogue).compactMap { name -> String? in
            switch values[name]?.origin {
            case nil, .commandLine: nil
            case .variable(let variable): " (--\(name) is set by \(variable))"
            case .file(let path, let position)?:
                " (--\(name) is set at \(SettingOrigin.file(path: path, position)))"
            }
        }
        return InvalidArgument(line + notes.filter { !line.contains($0) }.joined())
    }
}

/// Formats the argument parser's errors as one line.
enum ErrorLine {
    /// The parser's message without the usage text that follows it.
    static func text(of error: any Error, _ command: any ParsableArguments.Type) -> String {
        command.message(for: error).split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    }
}

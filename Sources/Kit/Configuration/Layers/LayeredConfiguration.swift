package import ArgumentParser

/// What the layers say together: the command line before the environment's variables, those before the configuration file, and
/// that before the defaults.
///
/// A setting is taken whole from the highest layer that has it: a list is not made of several layers' parts.
package struct LayeredConfiguration: Sendable {
    private let rules: ConfigurationRules
    private let arguments: [String]
    /// The environment's variables.
    package let environment: [String: String]
    private let catalogue: SettingCatalogue
    private let file: ConfigurationFile?
    /// By the settings' names; defaults are not among them.
    package private(set) var values: SettingValues

    /// Puts the layers together.
    /// - Parameter arguments: those of the process, which the argument parser takes; without the program's name.
    /// - Throws: ``InvalidArgument``, which names the variable, or the file and the line.
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
        // An empty name is none, so that a flag can undo a variable.
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

    /// The same layers as they are now: the file is read again.
    package func reloaded() throws(InvalidArgument) -> LayeredConfiguration {
        try LayeredConfiguration(rules, catalogue, arguments: arguments, environment: environment)
    }

    // MARK: What is said

    /// The flags of a group as the layers set them.
    /// - Throws: ``InvalidArgument``, which says where a value that cannot be used comes from.
    package func parse<Options: ParsableArguments>(_ options: Options.Type) throws(InvalidArgument) -> Options {
        do {
            return try options.parse(catalogue.settings.flatMap { values[$0.name]?.arguments(for: $0) ?? [] })
        } catch {
            throw explained(error, of: options)
        }
    }

    /// The same settings but for some.
    package func replacing(_ others: SettingValues) -> LayeredConfiguration {
        var configuration = self
        configuration.values.merge(others) { _, new in new }
        return configuration
    }

    // MARK: The file's other keys

    /// What stands in the file under a key that is no setting; nil where there is nothing.
    package func document(_ key: String) -> YAMLNode? {
        guard let file, case .mapping(let entries) = file.root.content else { return nil }
        return entries.first { $0.key == key && !$0.value.isNull }?.value
    }

    /// What a mapping in such a document says of settings.
    /// - Parameters:
    ///   - key: how a setting is called there, with dots; nil where it has no place.
    ///   - others: keys of the mapping that are no settings.
    ///   - place: how the mapping is called in messages.
    package func values(
        in node: YAMLNode, key: (Setting) -> String?, except others: [String], place: String
    ) throws(InvalidArgument) -> SettingValues {
        let keys = SettingKeys(catalogue, key: key)
        return try FileLayer(path: file?.path ?? "", keys: keys, advice: rules.advice, others: others)
            .values(in: node, place: place)
    }

    /// An error that is about a place in the file.
    package func error(at position: YAMLPosition, _ message: String) -> InvalidArgument {
        InvalidArgument("\(SettingOrigin.file(path: file?.path ?? "", position)): \(message)")
    }

    // MARK: Messages

    /// An error as one line that says, of every flag in it that the command line does not give, where it is set.
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

/// What the argument parser says of an error, as one line.
enum ErrorLine {
    /// The parser's message without the usage that would follow it.
    static func text(of error: any Error, _ command: any ParsableArguments.Type) -> String {
        command.message(for: error).split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    }
}

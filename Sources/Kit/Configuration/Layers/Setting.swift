/// A setting: a flag with its environment variable and its key in the configuration file.
package struct Setting: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// A boolean. An inverted one has `--no-NAME` in addition to `--NAME`.
        case flag(isInverted: Bool)
        /// Takes a value.
        case option(isRepeatable: Bool)
    }

    /// The flag's name without its dashes, such as "web.listen-address".
    package let name: String
    package let kind: Kind
    /// Its description.
    package let meaning: String
    /// The placeholder for its value, such as "duration"; nil for flags.
    package let valueName: String?
    /// The allowed values; empty for any.
    package let values: [String]
    /// The description of its default; nil if there is none.
    package let defaultValue: String?
    /// Its section in the help.
    package let section: String?
    /// Whether the help omits it because it is deprecated.
    package let isHidden: Bool

    package var flag: String { "--\(name)" }

    /// Whether its value is a file path, according to its name.
    package var namesFile: Bool { name.hasSuffix("-file") || name.hasSuffix(".file") }

    package var isRepeatable: Bool { kind == .option(isRepeatable: true) }

    /// A setting's environment variable: the prefix and the name in upper case, with `_` for `.` and `-`.
    package func variable(prefix: String) -> String { Self.variable(of: name, prefix: prefix) }

    static func variable(of name: String, prefix: String) -> String {
        prefix + String(name.map { $0 == "." || $0 == "-" ? "_" : $0 }).uppercased()
    }
}

/// The keys of a configuration file: the settings' names, nested at their dots.
///
/// A name that is also a prefix of others, such as `collector.daily` and `collector.daily.ttl`, may be given alone (`daily: false`), or
/// with the others under the key `enabled` (`daily: {enabled: false, ttl: 10m}`).
package struct SettingKeys: Sendable {
    /// The key of a setting whose name is a prefix of others.
    package static let ownKey = "enabled"

    /// The setting with this name.
    var setting: Setting?
    /// The keys after a dot; empty for most settings.
    var children: [String: SettingKeys] = [:]

    private init() {}

    /// The keys of settings.
    /// - Parameter key: a setting's key in this file or mapping, with dots; nil if the setting is not allowed.
    package init(_ catalogue: SettingCatalogue, key: (Setting) -> String? = { $0.name }) {
        for setting in catalogue.settings {
            guard let key = key(setting) else { continue }
            insert(setting, at: key.split(separator: ".").map(String.init)[...])
        }
    }

    private mutating func insert(_ setting: Setting, at path: ArraySlice<String>) {
        guard let first = path.first else {
            self.setting = setting
            return
        }
        children[first, default: SettingKeys()].insert(setting, at: path.dropFirst())
    }

    /// The keys that are allowed in a mapping here.
    var known: [String] { (children.keys + (setting == nil ? [] : [Self.ownKey])).sorted() }

    /// The full paths of all keys below this one, with dots.
    var paths: [String] {
        children.sorted { $0.key < $1.key }.flatMap { key, keys in
            (keys.setting == nil ? [] : [key]) + keys.paths.map { "\(key).\($0)" }
        }
    }
}

/// Where a setting's value comes from.
package enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case commandLine
    /// An environment variable, by name.
    case variable(String)
    /// A position in the configuration file.
    case file(path: String, YAMLPosition)

    /// Such as "EXAMPLE_EXPORTER_CACHE_TTL" or "/etc/exporter.yml:3:8".
    package var description: String {
        switch self {
        case .commandLine: "the command line"
        case .variable(let name): name
        case .file(let path, let position): "\(path):\(position.line):\(position.column)"
        }
    }
}

/// A setting's value in one layer.
package struct SettingValue: Sendable, Hashable {
    /// The values in order: exactly one unless the setting is repeatable; "true" or "false" for flags.
    package let texts: [String]
    package let origin: SettingOrigin

    package init(_ texts: [String], from origin: SettingOrigin) {
        self.texts = texts
        self.origin = origin
    }

    /// The equivalent command-line arguments.
    func arguments(for setting: Setting) -> [String] {
        switch setting.kind {
        case .flag(let isInverted):
            if texts.last == "true" { return [setting.flag] }
            return isInverted ? ["--no-\(setting.name)"] : []
        case .option:
            // A value with a leading dash must be joined, or it would be parsed as a flag; an empty value must not be joined, or
            // it would be missing.
            return texts.flatMap { $0.isEmpty ? [setting.flag, ""] : ["\(setting.flag)=\($0)"] }
        }
    }
}

/// Values of settings, by name.
package typealias SettingValues = [String: SettingValue]

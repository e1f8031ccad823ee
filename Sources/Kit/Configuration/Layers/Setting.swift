/// One thing that can be configured: a flag, and with it a variable and a key of the configuration file.
package struct Setting: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// True or false. An inverted one has `--no-NAME` beside `--NAME`.
        case flag(isInverted: Bool)
        /// Takes a value.
        case option(isRepeatable: Bool)
    }

    /// The flag's name without its dashes, such as "web.listen-address".
    package let name: String
    package let kind: Kind
    /// What it is for.
    package let meaning: String
    /// How its value is called, such as "duration"; nil for flags.
    package let valueName: String?
    /// The words that it takes, where it takes certain ones only.
    package let values: [String]
    /// Its value when nothing is said, in words; nil where there is none.
    package let defaultValue: String?
    /// The heading that it stands under in the help.
    package let section: String?

    package var flag: String { "--\(name)" }

    /// Whether its value is a file's path, as its name then says.
    package var namesFile: Bool { name.hasSuffix("-file") || name.hasSuffix(".file") }

    package var isRepeatable: Bool { kind == .option(isRepeatable: true) }

    /// The environment variable of a setting: its name in upper case after a prefix, `.` and `-` being `_`.
    package func variable(prefix: String) -> String { Self.variable(of: name, prefix: prefix) }

    static func variable(of name: String, prefix: String) -> String {
        prefix + String(name.map { $0 == "." || $0 == "-" ? "_" : $0 }).uppercased()
    }
}

/// The keys of a configuration file: the settings' names, nested at their dots.
///
/// A name that is also the beginning of others, as `collector.daily` is of `collector.daily.ttl`, may be given by itself
/// (`daily: false`), or beside the others under the key `enabled` (`daily: {enabled: false, ttl: 10m}`).
package struct SettingKeys: Sendable {
    /// The key that stands for a setting whose name is the beginning of others.
    package static let ownKey = "enabled"

    /// The setting that is called so.
    var setting: Setting?
    /// What follows after a dot. Empty for most settings.
    var children: [String: SettingKeys] = [:]

    private init() {}

    /// The keys of settings.
    /// - Parameter key: how a setting is called here, with dots; nil where it has no place.
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

    /// The keys that may stand in a mapping here.
    var known: [String] { (children.keys + (setting == nil ? [] : [Self.ownKey])).sorted() }

    /// All keys below this one in full, with their dots.
    var paths: [String] {
        children.sorted { $0.key < $1.key }.flatMap { key, keys in
            (keys.setting == nil ? [] : [key]) + keys.paths.map { "\(key).\($0)" }
        }
    }
}

/// Who says what a setting is.
package enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case commandLine
    /// An environment variable, by its name.
    case variable(String)
    /// The configuration file, at a place.
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

/// What one layer says of a setting.
package struct SettingValue: Sendable, Hashable {
    /// The values in their order: one, but for repeatable settings; "true" or "false" for flags.
    package let texts: [String]
    package let origin: SettingOrigin

    package init(_ texts: [String], from origin: SettingOrigin) {
        self.texts = texts
        self.origin = origin
    }

    /// The arguments that say the same on a command line.
    func arguments(for setting: Setting) -> [String] {
        switch setting.kind {
        case .flag(let isInverted):
            if texts.last == "true" { return [setting.flag] }
            return isInverted ? ["--no-\(setting.name)"] : []
        case .option:
            // A value that begins with a dash would be a flag of its own if it were not joined, and an empty one none if it were.
            return texts.flatMap { $0.isEmpty ? [setting.flag, ""] : ["\(setting.flag)=\($0)"] }
        }
    }
}

/// What is said of settings, by their names.
package typealias SettingValues = [String: SettingValue]

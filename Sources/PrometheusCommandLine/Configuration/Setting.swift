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

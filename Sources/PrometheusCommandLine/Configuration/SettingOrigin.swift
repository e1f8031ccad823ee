package import YAMLTree

/// Who says what a setting is.
package enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case commandLine
    /// An environment variable, by its name.
    case variable(String)
    /// The configuration file, at a place.
    case file(path: String, YAMLPosition)

    /// Such as "FLASHBACK_EXPORTER_CACHE_TTL" or "/etc/exporter.yml:3:8".
    package var description: String {
        switch self {
        case .commandLine: "the command line"
        case .variable(let name): name
        case .file(let path, let position): "\(path):\(position.line):\(position.column)"
        }
    }
}

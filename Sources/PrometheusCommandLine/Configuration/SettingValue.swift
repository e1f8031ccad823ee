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

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

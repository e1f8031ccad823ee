/// The settings in a configuration file or a part of it.
struct FileLayer {
    /// The file's path, for messages.
    let path: String
    let keys: SettingKeys
    let advice: [String: String]
    /// Keys at its root that do not belong to this layer.
    let others: [String]

    /// Reads the settings in a mapping.
    /// - Parameter place: the mapping's name in messages.
    /// - Throws: ``InvalidArgument`` with the file, line and column.
    func values(in node: YAMLNode, place: String) throws(InvalidArgument) -> SettingValues {
        var values: SettingValues = [:]
        try readEntries(of: node, keys, at: [], place: place, into: &values)
        return values
    }

    /// Reads a mapping.
    /// - Parameter path: the keys that lead to it.
    private func readEntries(
        of node: YAMLNode, _ keys: SettingKeys, at path: [String], place: String, into values: inout SettingValues
    ) throws(InvalidArgument) {
        for entry in try located({ () throws(YAMLError) in try node.entries(of: place) }) {
            if path.isEmpty, others.contains(entry.key) { continue }
            let path = path + [entry.key]
            if let below = keys.children[entry.key] {
                try read(entry.value, below, at: path, into: &values)
            } else if let setting = keys.setting, entry.key == SettingKeys.ownKey {
                try take(setting, entry.value, at: path, into: &values)
            } else {
                throw error(entry.keyPosition, unknown(path, among: keys, of: place))
            }
        }
    }

    /// Reads the value of a known key.
    private func read(
        _ node: YAMLNode, _ keys: SettingKeys, at path: [String], into values: inout SettingValues
    ) throws(InvalidArgument) {
        var isMapping = false
        if case .mapping = node.content { isMapping = true }
        if let setting = keys.setting, keys.children.isEmpty || !isMapping {
            try take(setting, node, at: path, into: &values)
        } else {
            try readEntries(of: node, keys, at: path, place: path.joined(separator: "."), into: &values)
        }
    }

    /// Reads a setting's value; null leaves the setting at its default.
    private func take(
        _ setting: Setting, _ node: YAMLNode, at path: [String], into values: inout SettingValues
    ) throws(InvalidArgument) {
        guard !node.isNull else { return }
        let place = path.joined(separator: ".")
        let texts: [String] = try located { () throws(YAMLError) in
            switch setting.kind {
            case .flag:
                return [try node.boolean(of: place) ? "true" : "false"]
            case .option(let isRepeatable):
                guard isRepeatable, case .sequence(let elements) = node.content else {
                    let text = try node.text(of: place)
                    return [setting.namesFile ? relative(text) : text]
                }
                guard !elements.isEmpty else {
                    throw YAMLError(at: node.position, "\(place) is an empty list; omit the key for the default")
                }
                var texts: [String] = []
                for element in elements { texts.append(try element.text(of: "an element of \(place)")) }
                return texts
            }
        }
        values[setting.name] = SettingValue(texts, from: .file(path: self.path, node.position))
    }

    /// Resolves a path against the configuration file's directory, as in Prometheus' own configuration.
    private func relative(_ path: String) -> String {
        guard !path.isEmpty, !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
        return self.path[...slash] + path
    }

    /// The error message for an unknown key.
    private func unknown(_ path: [String], among keys: SettingKeys, of place: String) -> String {
        let key = path.last ?? ""
        if let advice = advice[path.joined(separator: ".")] ?? advice[key] { return advice }
        let message = "\(place) has no key \(YAMLName.quoted(key))"
        let known = (keys.known + (path.count == 1 ? others : [])).sorted()
        if let nearest = YAMLName.nearest(to: key, among: known) { return "\(message); did you mean \(nearest)?" }
        // The key may belong elsewhere, or contain dots that should be nested keys.
        if let setting = self.keys.paths.first(where: { $0 == key || $0.hasSuffix(".\(key)") }) {
            return "\(message); write \(setting) as \(Self.nested(setting))"
        }
        return "\(message); known: \(known.joined(separator: ", "))"
    }

    /// Such as "web: {listen-address: …}".
    private static func nested(_ path: String) -> String {
        path.split(separator: ".").reversed().reduce("…") { "\($1): \($0 == "…" ? $0 : "{\($0)}")" }
    }

    private func located<Result>(_ body: () throws(YAMLError) -> Result) throws(InvalidArgument) -> Result {
        do throws(YAMLError) {
            return try body()
        } catch {
            throw self.error(error.position, error.message)
        }
    }

    private func error(_ position: YAMLPosition, _ message: String) -> InvalidArgument {
        InvalidArgument("\(SettingOrigin.file(path: path, position)): \(message)")
    }
}

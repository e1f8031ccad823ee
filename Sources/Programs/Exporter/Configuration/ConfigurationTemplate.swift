internal import Configuration

/// Generates a configuration file with every key, its description and its default, all commented out: `##` marks comments, `#`
/// settings.
struct ConfigurationTemplate {
    private let catalogue: SettingCatalogue
    private var lines: [String] = []
    /// The path of the mapping that contains the latest line.
    private var path: [String] = []

    /// The whole file.
    static func text(_ rules: ConfigurationRules) -> String {
        var template = ConfigurationTemplate(rules)
        for setting in template.catalogue.settings where setting.name != rules.fileSetting { template.add(setting) }
        return ([heading] + template.lines + [accounts]).joined(separator: "\n") + "\n"
    }

    private init(_ rules: ConfigurationRules) {
        catalogue = rules.catalogue()
    }

    private mutating func add(_ setting: Setting) {
        let keys = catalogue.key(of: setting).split(separator: ".").map(String.init)
        let parents = keys.dropLast()
        let shared = zip(path, parents).prefix { $0 == $1 }.count
        if shared == 0 { lines.append("") }
        for (depth, key) in parents.enumerated().dropFirst(shared) { lines.append(indentation(depth) + "#\(key):") }
        path = Array(parents)
        let indentation = indentation(parents.count)
        for line in wrapped(comment(setting), to: 120 - indentation.count) { lines.append("\(indentation)## \(line)") }
        let value = value(setting)
        lines.append("\(indentation)#\(keys.last ?? ""):\(value.isEmpty ? "" : " ")\(value)")
    }

    private func comment(_ setting: Setting) -> String {
        var comment = setting.meaning
        if !setting.values.isEmpty { comment += " One of \(setting.values.joined(separator: ", "))." }
        // A default that is described in words instead of a value.
        if let stated = setting.defaultValue, stated.contains(" ") { comment += " (default: \(stated))" }
        return comment
    }

    /// The default as YAML; empty if it cannot be written.
    private func value(_ setting: Setting) -> String {
        guard let text = setting.defaultValue, !text.contains(" ") else { return "" }
        let isPlain = text.first.map { $0.isLetter || $0.isNumber || $0 == "/" } ?? false
        let value = isPlain ? text : "\"\(text)\""
        return setting.isRepeatable ? "[\(value)]" : value
    }

    private func indentation(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    private func wrapped(_ text: String, to columns: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count + 4 <= columns {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private static let heading = """
        ## Configuration of flashback-exporter: every key with its default. ./scripts/update-docs.sh writes this file.
        ## To set something, take the # from its line and from those of the keys that it stands under; ## begins a comment.
        ##
        ##   flashback-exporter --config.file=flashback-exporter.yml --config.check
        ##
        ## docs/configuration.md tells how flags, environment variables and this file go together.
        """

    private static let accounts = """

        ## Several accounts: with these, no credentials and workspaces may be given under flashback. What an account does not say
        ## is taken from there.
        #accounts:
          #- name: production
            #refresh-token-file: /var/lib/flashback-exporter/production
          #- name: staging
            #url: https://staging.flashback.example
            #email: exporter@example.com
            #password-file: /etc/flashback-exporter/staging-password
        """
}

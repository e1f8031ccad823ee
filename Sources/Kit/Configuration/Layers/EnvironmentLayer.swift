internal import FoundationEssentials

/// The settings given by environment variables.
struct EnvironmentLayer {
    let catalogue: SettingCatalogue
    let rules: ConfigurationRules

    /// - Throws: ``InvalidArgument`` with the variable's name.
    func values(_ environment: [String: String]) throws(InvalidArgument) -> SettingValues {
        let settings = Dictionary(
            catalogue.settings.map { ($0.variable(prefix: rules.variablePrefix), $0) }, uniquingKeysWith: { first, _ in first })
        var values: SettingValues = [:]
        // Sorted, so that the same mistake is always reported first.
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(rules.variablePrefix) {
            if let setting = settings[name] {
                // As in other programs, an empty variable counts as not set.
                if !text.isEmpty {
                    values[setting.name] = SettingValue(try texts(text, of: setting, name), from: .variable(name))
                }
            } else if !ServiceLink.isOne(name, text) {
                throw InvalidArgument(unknown(name, among: settings.keys.sorted()))
            }
        }
        return values
    }

    private func texts(_ text: String, of setting: Setting, _ name: String) throws(InvalidArgument) -> [String] {
        switch setting.kind {
        case .flag:
            guard ["true", "false"].contains(text) else { throw InvalidArgument("\(name) must be true or false") }
            return [text]
        case .option(isRepeatable: true):
            return text.split(separator: ",", omittingEmptySubsequences: false).map { part in
                String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        case .option:
            return [text]
        }
    }

    private func unknown(_ name: String, among known: [String]) -> String {
        for (setting, advice) in rules.advice where Setting.variable(of: setting, prefix: rules.variablePrefix) == name {
            return "\(name): \(advice)"
        }
        let message = "unknown variable \(name)"
        guard let nearest = YAMLName.nearest(to: name, among: known) else { return "\(message); --help lists them" }
        return "\(message); did you mean \(nearest)?"
    }
}

/// The variables that Kubernetes sets in every container for services in the namespace, and Docker formerly for links.
///
/// A service with the program's name creates variables that begin like the program's own: `EXAMPLE_EXPORTER_PORT`,
/// `EXAMPLE_EXPORTER_SERVICE_HOST`, `EXAMPLE_EXPORTER_PORT_10420_TCP_ADDR`.
enum ServiceLink {
    /// Whether a variable is a service link.
    static func isOne(_ name: String, _ value: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") { return true }
        let words = name.split(separator: "_")
        // …_SERVICE_PORT_NAME, whose value is a port number.
        if UInt16(value) != nil, words.indices.contains(where: { words[$0...].starts(with: ["SERVICE", "PORT"]) }) {
            return true
        }
        // …_PORT, whose value is a URL such as tcp://10.0.0.1:80.
        let isAddress = ["tcp://", "udp://", "sctp://"].contains { value.hasPrefix($0) }
        if isAddress, words.last == "PORT" { return true }
        // …_PORT_80_TCP and its suffixes.
        return words.indices.contains { index in
            let rest = words[index...]
            guard rest.count >= 3, rest.first == "PORT", UInt16(rest[index + 1]) != nil else { return false }
            return ["TCP", "UDP", "SCTP"].contains(rest[index + 2])
        }
    }
}

/// The environment variables of the process.
package enum ProcessEnvironment {
    package static var current: [String: String] { ProcessInfo.processInfo.environment }
}

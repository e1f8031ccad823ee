/// Puts the variable of each setting under its flag in a help text.
enum HelpVariables {
    /// The argument parser's own column of the texts that explain.
    private static let indentation = String(repeating: " ", count: 26)

    /// - Parameter help: as the argument parser prints it.
    static func added(to help: String, _ rules: ConfigurationRules) -> String {
        let catalogue = rules.catalogue()
        var lines: [String] = []
        var current: Setting?
        func finish() {
            if let setting = current { lines.append("\(indentation)[$\(setting.variable(prefix: rules.variablePrefix))]") }
            current = nil
        }
        for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
            if !line.hasPrefix(indentation) { finish() }
            if line.hasPrefix("  --") {
                let name = line.dropFirst(4).prefix { $0 != " " && $0 != "/" }
                current = catalogue[String(name)]
            }
            lines.append(String(line))
        }
        finish()
        return lines.joined(separator: "\n")
    }
}

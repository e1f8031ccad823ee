/// The settings given on the command line.
struct CommandLineLayer {
    let catalogue: SettingCatalogue

    /// - Parameter arguments: already validated by the argument parser; without the program's name.
    func values(_ arguments: [String]) -> SettingValues {
        var values: SettingValues = [:]
        var rest = arguments[...]
        // There are no flags after the terminator.
        while let argument = rest.popFirst(), argument != "--" {
            guard argument.hasPrefix("--") else { continue }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if let setting = catalogue[name] {
                take(setting, joined: parts.count > 1 ? String(parts[1]) : nil, &rest, into: &values)
            } else if name.hasPrefix("no-"), let setting = catalogue[String(name.dropFirst(3))] {
                values[setting.name] = SettingValue(["false"], from: .commandLine)
            }
        }
        return values
    }

    private func take(
        _ setting: Setting, joined: String?, _ rest: inout ArraySlice<String>, into values: inout SettingValues
    ) {
        switch setting.kind {
        case .flag:
            values[setting.name] = SettingValue(["true"], from: .commandLine)
        case .option(let isRepeatable):
            // The argument parser treats an empty value after the equals sign as missing.
            guard let text = joined.flatMap({ $0.isEmpty ? nil : $0 }) ?? rest.popFirst() else { return }
            let earlier = isRepeatable ? values[setting.name]?.texts ?? [] : []
            values[setting.name] = SettingValue(earlier + [text], from: .commandLine)
        }
    }
}

/// Finds flags in a message.
enum FlagNames {
    /// The names of existing flags without dashes, in order and without duplicates.
    static func named(in message: String, _ catalogue: SettingCatalogue) -> [String] {
        var names: [String] = []
        var rest = Substring(message)
        while let dash = rest.firstIndex(of: "-") {
            rest = rest[dash...]
            let dashes = rest.prefix { $0 == "-" }
            rest = rest.dropFirst(dashes.count)
            guard dashes.count == 2 else { continue }
            var name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }
            rest = rest.dropFirst(name.count)
            if name.hasPrefix("no-") { name = name.dropFirst(3) }
            // A full stop at the end of a sentence.
            while name.last == "." { name = name.dropLast() }
            if let setting = catalogue[String(name)], !names.contains(setting.name) { names.append(setting.name) }
        }
        return names
    }
}

/// The flags that a message names.
enum FlagNames {
    /// The names of those that there are, without their dashes, in their order and each once.
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
            // The end of a sentence.
            while name.last == "." { name = name.dropLast() }
            if let setting = catalogue[String(name)], !names.contains(setting.name) { names.append(setting.name) }
        }
        return names
    }
}

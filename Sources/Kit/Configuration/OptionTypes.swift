package import ArgumentParser
package import HTTPServer

/// Why a flag's value, or the combination of several, cannot be used: one line for the person who typed it.
package struct InvalidArgument: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension Option where Value == PrometheusDuration {
    /// A flag that takes a duration. Its help names the default, which the argument parser leaves out for values that it does not
    /// read itself; reading it here lets an error say what a duration looks like.
    package init(duration name: String, default value: Duration, help: String) {
        let value = PrometheusDuration(value)
        self.init(
            wrappedValue: value, name: .customLong(name), parsing: .unconditional,
            help: ArgumentHelp("\(help) (default: \(value))", valueName: "duration"), transform: PrometheusDuration.init(parsing:)
        )
    }
}

extension Option where Value == PrometheusDuration? {
    /// A flag that takes a duration and may be left out.
    package init(duration name: String, help: String) {
        self.init(
            name: .customLong(name), parsing: .unconditional, help: ArgumentHelp(help, valueName: "duration"),
            transform: PrometheusDuration.init(parsing:))
    }
}

extension ListenAddress: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }
}

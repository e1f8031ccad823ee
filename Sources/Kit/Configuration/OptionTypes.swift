package import ArgumentParser
package import HTTPServer

/// Why a flag's value or combination of flags is invalid: one line for the user.
package struct InvalidArgument: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension Option where Value == PrometheusDuration {
    /// A flag with a duration. The help text includes the default, which the argument parser omits for values that it does not
    /// parse itself; parsing it here allows an error that describes the format.
    package init(duration name: String, default value: Duration, help: String) {
        let value = PrometheusDuration(value)
        self.init(
            wrappedValue: value, name: .customLong(name), parsing: .unconditional,
            help: ArgumentHelp("\(help) (default: \(value))", valueName: "duration"), transform: PrometheusDuration.init(parsing:)
        )
    }
}

extension Option where Value == PrometheusDuration? {
    /// An optional flag with a duration.
    package init(duration name: String, help: String, visibility: ArgumentVisibility = .default) {
        self.init(
            name: .customLong(name), parsing: .unconditional,
            help: ArgumentHelp(help, valueName: "duration", visibility: visibility),
            transform: PrometheusDuration.init(parsing:))
    }
}

extension ListenAddress: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }
}

internal import ArgumentParser

/// Where the configuration comes from, beside the flags.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config.file"),
        help: ArgumentHelp(
            "YAML file that sets what neither flags nor variables do, and that may name several accounts.", valueName: "file"))
    var file: String?

    @Flag(
        name: .customLong("config.check"),
        help: "Check flags, variables and all files that they name, without asking the API, and end.")
    var onlyChecks = false
}

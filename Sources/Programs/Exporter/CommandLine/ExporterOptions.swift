internal import ArgumentParser
internal import Basics
internal import Configuration

/// All flags of the exporter: what can be configured.
struct ExporterOptions: ParsableArguments {
    @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions
    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collection") var collection: CollectionOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Narrowing") var narrowing: NarrowingOptions
    @OptionGroup(title: "Web") var web: WebOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    /// The account that these flags describe.
    /// - Throws: an error of one line that says which flag is wrong.
    func account(name: Identifier? = nil, environment: [String: String]) throws -> AccountSettings {
        AccountSettings(
            name: name, upstream: try flashback.upstream(environment: environment),
            collection: try narrowing.narrow(
                collection.configuration(collectors, workspaceIDs: flashback.workspaceIDs)))
    }
}

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

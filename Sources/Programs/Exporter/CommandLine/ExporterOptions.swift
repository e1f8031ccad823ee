internal import ArgumentParser
internal import Basics
internal import Configuration
internal import FlashbackCollectors

/// All flags of the exporter that are also settings.
struct ExporterOptions: ParsableArguments {
    @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions
    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collection") var collection: CollectionOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Narrowing") var narrowing: NarrowingOptions
    @OptionGroup(title: "Metrics") var metrics: MetricOptions
    @OptionGroup(title: "Web") var web: WebOptions
    @OptionGroup(title: "Probes") var probes: ProbeOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    /// The account described by these flags.
    /// - Throws: a one-line error with the invalid flag.
    func account(name: Identifier? = nil, environment: [String: String]) throws -> AccountSettings {
        var collection = try narrowing.narrow(
            collection.configuration(
                collectors, workspaceIDs: flashback.workspaceIDs, bulk: flashback.bulk))
        collection.metrics = try metrics.selection()
        return AccountSettings(
            name: name, upstream: try flashback.upstream(environment: environment), collection: collection)
    }
}

/// Sources of configuration besides the flags.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config.file"),
        help: ArgumentHelp(
            "YAML file with settings; flags and variables override it, and it may name several accounts.", valueName: "file"))
    var file: String?

    @Flag(
        name: .customLong("config.auto-reload"), inversion: .prefixedNo,
        help: "Reload the configuration when --config.file changes, as SIGHUP does.")
    var reloadsAutomatically = false

    @Flag(
        name: .customLong("config.check"),
        help: "Check flags, variables and all files that they name without querying the API, and exit.")
    var onlyChecks = false

    /// The file to reload when it changes; nil without `--config.auto-reload`.
    /// - Throws: a one-line error if there is no file to watch.
    func watchedFile() throws -> String? {
        guard reloadsAutomatically else { return nil }
        guard let file, !file.isEmpty else { throw InvalidArgument("--config.auto-reload needs --config.file") }
        return file
    }
}

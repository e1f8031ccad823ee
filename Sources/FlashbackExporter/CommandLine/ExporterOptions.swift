internal import ArgumentParser
internal import Basics
internal import PrometheusCommandLine

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

internal import ArgumentParser
internal import Basics
internal import Configuration
internal import FlashbackAPI

/// Reports whether the exporter would work with these flags, and how many requests it would make.
struct CheckCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check configuration, token and API, and show how many requests each collector makes.")

    // Declared for `--help` only; the values are read from the layered configuration.
    @OptionGroup(title: "Configuration") var configurationOptions: ConfigurationOptions
    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collection") var collection: CollectionOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Narrowing") var narrowing: NarrowingOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    func run(_ configuration: LayeredConfiguration) async throws {
        if configurationOptions.onlyChecks { return try await ConfigurationCheck.run(ExporterSettings(configuration)) }
        let options = try configuration.parse(ExporterOptions.self)
        let logger = options.log.logger(label: "flashback-exporter")
        let lines = OutputLines()
        let accounts = try ConfiguredAccounts.settings(configuration, options)
        let works = try await Interruption.ending {
            var works = true
            for account in accounts where !Task.isCancelled {
                let check = AccountCheck(account: account, time: .system(), logger: logger) { line in
                    // After cancellation, failures say nothing about the account.
                    if !Task.isCancelled { lines.write(line) }
                }
                if !(try await check.succeeds()) { works = false }
            }
            return works
        }
        try lines.finish()
        if !works { throw ExitCode.failure }
    }
}

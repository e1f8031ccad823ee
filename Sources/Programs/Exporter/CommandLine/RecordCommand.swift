internal import ArgumentParser
internal import Basics
internal import Configuration
internal import ExporterWeb
internal import FlashbackAPI
internal import FlashbackRecording

/// Records the API's responses, without anything that identifies the account.
struct RecordCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record the API's responses with pseudonyms, to send with a report; status 1 if a collector failed.",
        discussion: """
            The collectors' requests are made once. Identifiers, names and addresses become pseudonyms, texts and unknown values \
            become type and length, and credentials are never read. Look at the file before sending it.
            """)

    @Option(help: ArgumentHelp("File to write, for its owner only; it is replaced at the end.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("Account to record, if --config.file has several.", valueName: "name"))
    var account: String?

    // Declared for `--help` only; the values are read from the layered configuration.
    @OptionGroup(title: "Configuration") var configurationOptions: ConfigurationOptions
    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Narrowing") var narrowing: NarrowingOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    func run(_ configuration: LayeredConfiguration) async throws {
        if configurationOptions.onlyChecks { return try await ConfigurationCheck.run(ExporterSettings(configuration)) }
        let options = try configuration.parse(ExporterOptions.self)
        let settings = try Self.selected(account, of: try ConfiguredAccounts.settings(configuration, options))
        let recorder = ExchangeRecorder(baseURL: settings.upstream.baseURL, time: .system())
        let collection = SingleCollection(
            accounts: [settings.collectedOnce], observer: recorder, logger: options.log.logger(label: "flashback-exporter"))
        let (_, succeeded) = try await Interruption.ending { try await collection.run() }
        try TextFile.write(
            recorder.recording(exporterVersion: BuildInformation.version).lines, to: output, permissions: 0o600)
        for line in recorder.summary.lines { try StandardStream.output.write(line + "\n") }
        try StandardStream.output.write("wrote \(output); read it before sending it\n")
        if !succeeded { throw ExitCode.failure }
    }

    /// - Throws: a one-line error when the account is ambiguous: the responses of two accounts would contradict each other.
    static func selected(_ name: String?, of accounts: [AccountSettings]) throws(InvalidArgument) -> AccountSettings {
        let known = accounts.compactMap(\.name?.text.debugDescription).joined(separator: ", ")
        if let name {
            if let account = accounts.first(where: { $0.name == Identifier(name) }) { return account }
            throw InvalidArgument(
                "--account: there is no account \(name.debugDescription)" + (known.isEmpty ? "" : "; there are \(known)"))
        }
        guard let account = accounts.first, accounts.count == 1 else {
            throw InvalidArgument("a recording covers one account; choose it with --account: \(known)")
        }
        return account
    }
}

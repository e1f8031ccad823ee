internal import ArgumentParser
internal import BucketCollector
internal import FlashbackAPI
internal import FoundationEssentials
internal import PrometheusCommandLine

/// Tells in words whether the exporter would work with these flags, and what it would cost the API.
struct CheckCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell whether configuration, token and API work, and what each collector costs in requests.")

    // Read from the configuration, which has them from other layers too: they stand here for the help.
    @OptionGroup(title: "Configuration") var configurationOptions: ConfigurationOptions
    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collection") var collection: CollectionOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Narrowing") var narrowing: NarrowingOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    func run(_ configuration: LayeredConfiguration) async throws {
        if configurationOptions.onlyChecks { return try await ConfigurationCheck.run(ExporterSettings(configuration)) }
        let options = try configuration.parse(ExporterOptions.self)
        var works = true
        for account in try ConfiguredAccounts.settings(configuration, options) where try await !check(account, options.log) {
            works = false
        }
        if !works { throw ExitCode.failure }
    }

    /// - Returns: whether the account works.
    private func check(_ account: AccountSettings, _ log: LogOptions) async throws -> Bool {
        let logger = log.logger(label: "flashback-exporter")
        let time = TimeSource.system()
        if let name = account.name { tell("account \(name):") }
        tell("configuration: good, the API is \(account.upstream.baseURL)")
        return try await Account.withConnection(to: account.upstream, time: time, logger: logger) { client in
            let check = CollectorCheck(client: client, configuration: account.collection, time: time, logger: logger)
            let buckets: CollectorCheck.Buckets
            do throws(APIError) {
                buckets = try await check.buckets()
            } catch {
                tell("API: does not work: \(error)")
                return false
            }
            tell(Self.token(await client.tokenReport, now: time.now))
            tell("API: good, it lists \(Self.counted(buckets.listed, "bucket"))")
            if buckets.selected.count != buckets.listed { tell(Self.selection(buckets)) }
            return report(await check.findings(about: buckets.selected))
        }
    }

    private static func token(_ report: AccessTokenReport, now: Date) -> String {
        guard let expiry = report.expiresAt else { return "token: good, it does not say when it expires" }
        let minutes = Int(expiry.timeIntervalSince(now) / 60)
        let renewal = report.renewals == nil ? "and is not renewed by the exporter" : "and is renewed by the exporter"
        return "token: good, it expires in \(minutes) min \(renewal)"
    }

    private static func selection(_ buckets: CollectorCheck.Buckets) -> String {
        let refused = buckets.refused > 0 ? "; --limit.buckets refuses \(buckets.refused)" : ""
        return "selection: \(buckets.selected.count) of them \(buckets.selected.count == 1 ? "is" : "are") collected\(refused)"
    }

    /// - Returns: whether every collector works.
    private func report(_ findings: [CollectorCheck.Finding]) -> Bool {
        var rate = 0.0
        var hasUnbounded = false
        for finding in findings {
            var cost = Self.counted(finding.requests, "request")
            if finding.lifetime > .zero {
                rate += Double(finding.requests) / finding.lifetime.inSeconds
                cost += " every \(PrometheusDuration(finding.lifetime))"
            } else {
                hasUnbounded = true
                cost += " at every scrape"
            }
            tell("collector \(finding.collector): \(finding.error.map { "does not work: \($0)" } ?? "good") (\(cost))")
        }
        let rounded = (rate * 100).rounded() / 100
        tell("together: at most \(rounded) requests a second" + (hasUnbounded ? ", and those at every scrape" : ""))
        return findings.allSatisfy { $0.error == nil }
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    private func tell(_ line: String) {
        StandardStream.output.write(line + "\n")
    }
}

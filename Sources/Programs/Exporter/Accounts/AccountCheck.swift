internal import Basics
internal import Configuration
internal import FlashbackAPI
internal import FlashbackCollectors
internal import FoundationEssentials
internal import Logging

/// Reports whether an account can be collected, how many requests that would take, and what its scrapes would cost.
struct AccountCheck {
    let account: AccountSettings
    let time: TimeSource
    let logger: Logger
    /// Receives the report's lines.
    let tell: @Sendable (String) -> Void

    /// Runs the check.
    /// - Returns: whether everything works.
    /// - Throws: a one-line error when the configuration is invalid.
    func succeeds() async throws -> Bool {
        if let name = account.name { tell("account \(name.text.debugDescription):") }
        tell("configuration: good, API \(account.upstream.baseURL)")
        let connection = try await account.connection(time: time, logger: logger)
        let succeeds = await succeeds(connection.client)
        await connection.close()
        return succeeds
    }

    private func succeeds(_ client: FlashbackClient) async -> Bool {
        let check = CollectorCheck(
            client: client, account: account.name, configuration: account.collection, time: time, logger: logger)
        let buckets: CollectorCheck.Buckets
        do throws(APIError) {
            buckets = try await check.buckets()
        } catch {
            tell("API: failed: \(error)\(Self.hint(about: error))")
            return false
        }
        tell(Self.token(await client.tokenReport, now: time.now))
        tell("API: good, \(Self.counted(buckets.listed, "bucket"))")
        if buckets.selected.count != buckets.listed { tell(Self.selection(buckets)) }
        let findings = await check.findings(about: buckets.selected)
        let works = report(findings.results)
        for line in await CostTable(findings.account, account.collection).lines { tell(line) }
        return works
    }

    private static func token(_ report: AccessTokenReport, now: Date) -> String {
        guard let expiry = report.expiresAt else { return "token: good, expiry unknown" }
        // Cannot overflow: every expiry is in the years 1970 to 9999.
        let minutes = Int(expiry.timeIntervalSince(now) / 60)
        let renewal = report.renewals == nil ? "not renewed by the exporter" : "renewed by the exporter"
        if minutes < 0 { return "token: good, expired \(-minutes) min ago by this machine's clock, \(renewal)" }
        return "token: good, expires in \(minutes) min, \(renewal)"
    }

    private static func selection(_ buckets: CollectorCheck.Buckets) -> String {
        let refused = buckets.refused > 0 ? "; --limit.buckets drops \(buckets.refused)" : ""
        return "selection: \(buckets.selected.count) of them \(buckets.selected.count == 1 ? "is" : "are") collected\(refused)"
    }

    /// - Returns: whether every collector works.
    private func report(_ findings: [CollectorCheck.Result]) -> Bool {
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
            let result = finding.error.map { "failed: \($0)\(Self.hint(about: $0))" } ?? "good"
            tell("collector \(finding.collector): \(result) (\(cost))")
        }
        // The bucket list is read even without a collector that exports it.
        let requesting = Set(findings.map(\.collector))
        for collector in CollectorCatalogue.all where account.collection.collectors.contains(collector.name) {
            if account.collection.isOn(collector) || requesting.contains(collector.name) { continue }
            tell("collector \(collector.name): off, none of its metrics is exported")
        }
        for finding in findings where finding.isTooSlow { tell(Self.slowness(of: finding)) }
        let rounded = (rate * 100).rounded() / 100
        tell("total: at most \(rounded) requests a second" + (hasUnbounded ? ", plus those at every scrape" : ""))
        return findings.allSatisfy { $0.error == nil }
    }

    private static func slowness(of finding: CollectorCheck.Result) -> String {
        let cycle = finding.cycle.map { "\(PrometheusDuration(.seconds(Int64($0.inSeconds.rounded()))))" } ?? ""
        return
            "collector \(finding.collector): at this rate a cycle over all buckets takes about \(cycle), more than twice its "
            + "lifetime; raise --flashback.concurrency or --collector.ttl=\(finding.collector)=DURATION, or use shards"
    }

    /// The flag that may be wrong, which the modules below cannot name.
    private static func hint(about error: APIError) -> String {
        switch error.reason {
        case .status(404, _), .answer(.notJSON): " [--flashback.url]"
        case .status(429, _): " [--flashback.concurrency, --cache.ttl]"
        default: ""
        }
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}

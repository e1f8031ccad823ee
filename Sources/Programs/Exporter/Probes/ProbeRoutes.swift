internal import Basics
internal import ExporterWeb
internal import Exposition
internal import FlashbackCollectors
internal import HTTPServer
internal import HTTPTypes

/// Answers `/probe` and `/discovery`.
struct ProbeRoutes: Sendable {
    /// The paths, which `--web.telemetry-path` cannot use.
    enum Path: String, CaseIterable {
        case probe = "/probe"
        case discovery = "/discovery"
    }

    private let limits: ProbeLimits?
    private let timeout: ScrapeTimeout
    private let states: ExportedStates
    private let accounts: AccountSet
    private let time: TimeSource

    init(_ settings: ExporterSettings, accounts: AccountSet, time: TimeSource) {
        limits = settings.probes
        timeout = settings.web.scrapeTimeout
        states = settings.metrics.states
        self.accounts = accounts
        self.time = time
    }

    /// The handlers by path.
    var handlers: [String: HTTPListener.Handler] {
        guard let limits else {
            let refuse: HTTPListener.Handler = { _ in
                .text(.notFound, "Not found. Probes are not enabled; start the exporter with --probe.enabled.")
            }
            return Dictionary(uniqueKeysWithValues: Path.allCases.map { ($0.rawValue, refuse) })
        }
        return [Path.probe.rawValue: { await probe($0, limits) }, Path.discovery.rawValue: { await discover($0) }]
    }

    /// A request that is answered with one line.
    private struct Refusal: Error {
        let response: ListenerResponse

        // The lines never repeat the request, which may contain anything.
        static let unknownAccount = Refusal(.notFound, "Unknown account.")
        static let listUnknown = Refusal(.serviceUnavailable, "The list of buckets is not known yet.")

        init(_ status: HTTPResponse.Status, _ line: String) {
            let fields: HTTPFields = status == .serviceUnavailable ? [.retryAfter: "5"] : [:]
            response = .text(status, line, headerFields: fields)
        }
    }

    /// The only value of a parameter; nil if it is missing or empty.
    private func value(of name: String, in parameters: QueryParameters) throws(Refusal) -> Identifier? {
        let values = parameters[name].filter { !$0.isEmpty }
        if values.count > 1 { throw Refusal(.badRequest, "Parameter \(name) is given more than once.") }
        return values.first.map { Identifier($0) }
    }

    // MARK: Probes

    private func probe(_ request: ListenerRequest, _ limits: ProbeLimits) async -> ListenerResponse {
        do throws(Refusal) {
            let result = try await result(QueryParameters(request.query), within: timeout.timeout(of: request.head), limits)
            return MetricSnapshot(result.rendered(states: states)).response(to: request.head)
        } catch {
            return error.response
        }
    }

    private func result(
        _ parameters: QueryParameters, within timeout: Duration, _ limits: ProbeLimits
    ) async throws(Refusal) -> ProbeResult {
        guard let target = try value(of: "target", in: parameters) else {
            throw Refusal(.badRequest, "Parameter target is missing.")
        }
        let name = try value(of: "account", in: parameters)
        let deadline = time.uptime + timeout
        // Only a listed bucket is requested from the API: no other text ever becomes part of a request.
        var found = await lookUp(target, of: name, within: .zero)
        // If an account is known to have the bucket, the lists of others, which may not answer, are not waited for.
        if !found.contains(where: { $0.lookup == .listed }) { found = await lookUp(target, of: name, within: timeout) }
        guard !found.isEmpty else { throw Refusal.unknownAccount }
        let owners = found.filter { $0.lookup == .listed }.map(\.account)
        guard let owner = owners.first else {
            if found.contains(where: { $0.lookup == .unknown }) { throw Refusal.listUnknown }
            throw Refusal(.notFound, "Unknown target: it is not the ID of a bucket that this exporter collects.")
        }
        guard owners.count == 1 else {
            throw Refusal(.badRequest, "Several accounts have this bucket; add the parameter account.")
        }
        let results = await accounts.asking(where: { $0 === owner }) { [time] account in
            await account.prober.probe(target, within: max(.zero, deadline - time.uptime), limits)
        }
        guard let result = results.first else { throw Refusal.listUnknown }  // A reload has just replaced the account.
        return result
    }

    /// Looks a bucket up in one account, or in all without a name.
    private func lookUp(
        _ target: Identifier, of name: Identifier?, within timeout: Duration
    ) async -> [(account: Account, lookup: CollectionEngine.Lookup)] {
        await accounts.asking(where: { name == nil || $0.settings.name == name }) { account in
            (account: account, lookup: await account.engine.lookUp(target, within: timeout))
        }
    }

    // MARK: Discovery

    private func discover(_ request: ListenerRequest) async -> ListenerResponse {
        do throws(Refusal) {
            let groups = try await targetGroups(QueryParameters(request.query), within: timeout.timeout(of: request.head))
            return ListenerResponse(
                status: .ok, headerFields: [.contentType: "application/json"], body: [try encoded(groups)])
        } catch {
            return error.response
        }
    }

    /// The targets of all accounts, or of the one in the parameter `account`. All lists must be known: Prometheus would remove the
    /// targets of an account that is missing, while it keeps all of them if the request fails.
    private func targetGroups(_ parameters: QueryParameters, within timeout: Duration) async throws(Refusal) -> [TargetGroup] {
        let name = try value(of: "account", in: parameters)
        let found = await accounts.asking(where: { name == nil || $0.settings.name == name }) { account in
            (account: account.settings.name, buckets: await account.engine.targets(within: timeout))
        }
        guard !found.isEmpty else { throw Refusal.unknownAccount }
        var groups: [TargetGroup] = []
        for (account, buckets) in found {
            guard let buckets else { throw Refusal.listUnknown }
            groups += buckets.map { TargetGroup($0, account: account) }
        }
        return groups
    }

    private func encoded(_ groups: [TargetGroup]) throws(Refusal) -> [UInt8] {
        do {
            return try TargetGroup.encoded(groups)
        } catch {
            throw Refusal(.internalServerError, "The targets cannot be encoded.")
        }
    }
}

package import FoundationEssentials
package import HTTPServer
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// The simulated storage API without its server: its responses, and test controls.
///
/// Everything except the tokens is determined by the configuration's seed and the clock: the same requests at the same times get
/// the same bytes. A bucket's traffic grows from its creation; nodes go down and recover on a schedule.
package final class FlashbackSimulation: SimulatedAPI {
    let state: NIOLockedValueBox<SimulationState>
    private let now: @Sendable () -> Date
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - now: the API's calendar time, for traffic, schedules, tokens and quotas.
    ///   - clock: the clock for latency and delays.
    package init(
        _ configuration: SimulatorConfiguration = .init(), now: @escaping @Sendable () -> Date = { Date() },
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        state = NIOLockedValueBox(SimulationState(configuration))
        self.now = now
        self.clock = clock
    }

    /// The configuration; most of it may be changed at any time, see ``SimulatorConfiguration``.
    package var configuration: SimulatorConfiguration {
        get { state.withLockedValue { $0.configuration } }
        set { state.withLockedValue { $0.configuration = newValue } }
    }

    /// The simulation's current time.
    var timestamp: Timestamp { Timestamp(now()) }

    /// Answers one request, as the server does. A hanging request returns only when its task is cancelled.
    package func respond(to request: ListenerRequest) async -> ListenerResponse {
        let route = Route(request.head.method, request.path)
        var (endpoint, bucketID): (SimulatedEndpoint?, String?)
        if case .endpoint(let known, let id) = route { (endpoint, bucketID) = (known, id) }
        let received = now()
        let token = BearerToken.read(request.head.headerFields)
        let (sequence, reception) = state.withLockedValue { state in
            let sequence = state.log.began(request.head, endpoint, bucketID, carriesToken: token != nil, at: received)
            return (sequence, state.receive(route, sequence: sequence, at: Timestamp(received)))
        }
        let response = await carryOut(reception, request, endpoint, bucketID ?? "", token)
        state.withLockedValue { $0.log.ended(sequence, endpoint, status: response?.status.code) }
        // The client has disconnected.
        return response ?? ListenerResponse(status: .init(code: 499))
    }

    /// The response; nil when the client disconnected first.
    private func carryOut(
        _ reception: SimulationState.Reception, _ request: ListenerRequest, _ endpoint: SimulatedEndpoint?, _ bucketID: String,
        _ token: String?
    ) async -> ListenerResponse? {
        switch reception {
        case .answer(let response): return response
        case .hang:
            await Self.untilCancelled()
            return nil
        case .proceed(let delay, let fault):
            if delay > .zero {
                guard (try? await clock.sleep(for: delay)) != nil else { return nil }
            }
            guard let endpoint else { return nil }
            let (dialect, limit) = (configuration.dialect, configuration.maximumTargetBytes)
            if let limit, request.head.path?.utf8.count ?? 0 > limit {
                return Answer.failure(.uriTooLong, code: "URI_TOO_LONG", "URI too long").response(dialect.errorEnvelope)
            }
            if let replacement = fault?.replacement(dialect) { return replacement }
            let answer = answer(request, endpoint, bucketID, token)
            let envelope = dialect.errorEnvelope(of: endpoint)
            return fault?.spoil(answer, envelope) ?? answer.response(envelope)
        }
    }

    private func answer(
        _ request: ListenerRequest, _ endpoint: SimulatedEndpoint, _ bucketID: String, _ token: String?
    ) -> Answer {
        let now = timestamp
        // Works on a copy of the state, so that it does not block other requests.
        let (organization, dialect, access) = state.withLockedValue { state in
            (
                state.organization, state.configuration.dialect,
                endpoint.needsToken ? Access.of(token, state, at: now) : Access(workspaces: nil)
            )
        }
        guard let access else { return .failure(.unauthorized, code: "NO_AUTH_USER", "Unauthorized") }
        let call = IncomingRequest(
            bucketID: bucketID, query: Query(request.query), body: request.body, workspaces: access.workspaces, token: token,
            now: now)
        switch endpoint {
        case .listBuckets: return ListBuckets.answer(call, organization, dialect)
        case .bucketTotals: return BucketTotals.answer(call, organization, dialect)
        case .availableBuckets: return AvailableBuckets.answer(call, organization, dialect)
        case .bucketStatus: return BucketStatus.answer(call, organization, dialect)
        case .dailyStats: return DailyStats.answer(call, organization, dialect)
        case .validateBucket: return ValidateBucket.answer(call, organization, dialect)
        // Repositories, nodes and traffic.
        case .listRepositories: return ListRepositories.answer(call, organization, dialect)
        case .repositoryTotals: return RepositoryTotals.answer(call, organization, dialect)
        case .listNodes: return ListNodes.answer(call, organization, dialect)
        case .nodeTraffic: return TrafficBreakdown.byNode(call, organization, dialect)
        case .bucketTraffic: return TrafficBreakdown.byBucket(call, organization, dialect)
        // Statistics of many buckets.
        case .latestNodeStatistics: return NodeStatistics.latest(call, organization, dialect)
        case .dailyNodeStatistics: return NodeStatistics.daily(call, organization, dialect)
        // Traffic by time.
        case .storageStatistics: return StorageStatistics.answer(call, organization, dialect)
        case .createBucket: return state.withLockedValue { CreateBucket.answer(call, &$0) }
        case .updateBucket: return state.withLockedValue { UpdateBucket.answer(call, &$0) }
        case .deleteBucket: return state.withLockedValue { DeleteBucket.answer(call, &$0) }
        case .login: return state.withLockedValue { Login.answer(call, &$0) }
        case .refresh: return state.withLockedValue { Refresh.answer(call, &$0) }
        // The account.
        case .quota: return UserQuota.answer(call, organization, dialect)
        case .creditBalance: return CreditsBalance.answer(call, organization, dialect)
        case .listWorkspaces: return ListWorkspaces.answer(call, organization, dialect)
        }
    }

    private static func untilCancelled() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        for await _ in stream {}
        // Without a reference to it, the stream would end at once.
        withExtendedLifetime(continuation) {}
    }
}

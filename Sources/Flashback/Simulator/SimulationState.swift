internal import HTTPServer
internal import HTTPTypes

/// The simulation's mutable state.
struct SimulationState: Sendable {
    var configuration: SimulatorConfiguration
    var organization: Organization
    var tokens = Tokens()
    var faults = FaultRules()
    var throttle = Throttle()
    var log: RequestLog
    var outage: SimulatedOutage?

    /// What to do with a request.
    enum Reception {
        case hang
        case answer(ListenerResponse)
        /// The endpoint answers after the delay, or the fault is applied instead.
        case proceed(after: Duration, SimulatedFault?)
    }

    init(_ configuration: SimulatorConfiguration) {
        self.configuration = configuration
        organization = Organization(configuration)
        log = RequestLog(capacity: configuration.requestLogCapacity)
    }

    /// Decides how to handle a request. Precedence: an outage of the whole API, injected faults, throttling and random errors.
    mutating func receive(_ route: Route, sequence: Int, at now: Timestamp) -> Reception {
        let envelope = configuration.dialect.errorEnvelope
        switch outage {
        case .hanging: return .hang
        case .unavailable:
            return .answer(Answer.failure(.serviceUnavailable, code: "UNAVAILABLE", "Service unavailable").response(envelope))
        case nil: break
        }
        switch route {
        case .unknown:
            return .answer(Answer.failure(.notFound, code: "NOT_FOUND", "Not found").response(envelope))
        case .wrongMethod(let allowed):
            let fields: HTTPFields = [.allow: allowed.map(\.rawValue).joined(separator: ", ")]
            let answer = Answer.failure(
                .methodNotAllowed, code: "METHOD_NOT_ALLOWED", "Method not allowed", headerFields: fields)
            return .answer(answer.response(envelope))
        case .endpoint(let endpoint, let bucketID):
            let (delay, fault) = faults.take(endpoint, bucketID)
            if case .hang? = fault { return .hang }
            if fault == nil, let answer = throttledOrFailed(sequence, at: now) { return .answer(answer.response(envelope)) }
            return .proceed(after: delay + latency(sequence), fault)
        }
    }

    private mutating func throttledOrFailed(_ sequence: Int, at now: Timestamp) -> Answer? {
        let random = organization.random
        if let rate = configuration.requestsPerSecond, let wait = throttle.admit(at: now, requestsPerSecond: rate) {
            return .throttled(configuration.retryAfter, seconds: wait, now: now)
        }
        if configuration.throttleRate > 0, random.fraction(.throttle, UInt64(sequence)) < configuration.throttleRate {
            return .throttled(configuration.retryAfter, seconds: 1, now: now)
        }
        if configuration.errorRate > 0, random.fraction(.error, UInt64(sequence)) < configuration.errorRate {
            return .failure(.internalServerError, code: "INTERNAL_ERROR", "Internal server error")
        }
        return nil
    }

    private func latency(_ sequence: Int) -> Duration {
        guard configuration.jitter > .zero else { return configuration.latency }
        return configuration.latency + configuration.jitter * organization.random.fraction(.jitter, UInt64(sequence))
    }
}

/// An outage of the whole API.
package enum SimulatedOutage: Sendable {
    /// Every request gets a 503.
    case unavailable
    /// Every request is accepted but never answered.
    case hanging
}

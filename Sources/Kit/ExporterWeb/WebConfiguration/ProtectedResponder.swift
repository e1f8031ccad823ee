package import HTTPServer
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// Applies the rate limit, authentication, the limit on concurrent requests and the configured header fields to all paths.
///
/// ``healthPaths`` are exempt: health probes have no password, and a busy exporter must not be reported as unhealthy.
package struct ProtectedResponder: Sendable {
    /// The paths that need no password and are exempt from limits.
    package static let healthPaths: Set<String> = Set([ReservedPath.healthy, .ready].map(\.rawValue))

    private let policy: @Sendable () -> RequestPolicy
    private let authentication: BasicAuthentication
    private let limiter: RequestRateLimiter
    private let inFlight: RequestsInFlight
    private let responder: HTTPListener.Handler

    /// - Parameters:
    ///   - maximumRequests: the current limit on concurrent requests; 0 for no limit.
    ///   - uptime: a steady clock, for the rate limit.
    ///   - policy: the current policy for requests.
    ///   - responder: answers admitted requests.
    package init(
        maximumRequests: @escaping @Sendable () -> Int, uptime: @escaping @Sendable () -> Duration,
        policy: @escaping @Sendable () -> RequestPolicy = { RequestPolicy() },
        authentication: BasicAuthentication = BasicAuthentication(), responder: @escaping HTTPListener.Handler
    ) {
        self.policy = policy
        self.authentication = authentication
        self.responder = responder
        limiter = RequestRateLimiter(uptime: uptime)
        inFlight = RequestsInFlight(maximum: maximumRequests)
    }

    /// Answers a request.
    package func respond(to request: ListenerRequest) async -> ListenerResponse {
        let policy = policy()
        var response =
            Self.healthPaths.contains(String(request.path)) ? await responder(request) : await answer(request, under: policy)
        // Metrics and health of a moment ago are wrong: no cache on the way may answer with them.
        if response.headerFields[.cacheControl] == nil { response.headerFields[.cacheControl] = "no-store" }
        // A configured field applies everywhere and overrides the page's own.
        for field in policy.headerFields { response.headerFields[field.name] = field.value }
        return response
    }

    private func answer(_ request: ListenerRequest, under policy: RequestPolicy) async -> ListenerResponse {
        // First, as in the exporter-toolkit, because it limits password guessing.
        if let wait = limiter.wait(under: policy.rateLimit) {
            return .text(
                .tooManyRequests, "Too many requests (rate_limit of the web configuration).",
                headerFields: [.retryAfter: Self.seconds(wait)])
        }
        if !policy.users.isEmpty {
            switch await authentication.judge(authorization: request.head.headerFields[.authorization], among: policy.users) {
            case .accepted: break
            case .refused:
                return .text(
                    .unauthorized, "Unauthorized.",
                    headerFields: [.wwwAuthenticate: "Basic realm=\"\(BuildInformation.program)\", charset=\"UTF-8\""])
            case .busy:
                return .text(
                    .serviceUnavailable, "Too many passwords are queued for checking.", headerFields: [.retryAfter: "1"])
            }
        }
        if let response = await inFlight.answering({ await responder(request) }) { return response }
        return .text(
            .serviceUnavailable, "The limit of \(inFlight.maximum()) concurrent requests is reached.",
            headerFields: [.retryAfter: "1"])
    }

    /// In whole seconds, rounded up.
    private static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return String(max(1, seconds + (attoseconds > 0 ? 1 : 0)))
    }
}

/// Limits the number of concurrent requests.
package final class RequestsInFlight: Sendable {
    /// The current limit; 0 for no limit.
    package let maximum: @Sendable () -> Int
    private let count = NIOLockedValueBox(0)

    /// - Parameter maximum: the limit, evaluated for each request; 0 for no limit.
    package init(maximum: @escaping @Sendable () -> Int) {
        self.maximum = maximum
    }

    /// Answers a request if the limit permits it.
    /// - Returns: nil otherwise.
    package func answering<Answer: Sendable>(_ answer: () async -> Answer) async -> Answer? {
        let maximum = maximum()
        // Counted even without a limit, because one may be set while requests are in progress.
        let hasPlace = count.withLockedValue { count in
            if maximum > 0, count >= maximum { return false }
            count += 1
            return true
        }
        guard hasPlace else { return nil }
        defer { count.withLockedValue { $0 -= 1 } }
        return await answer()
    }
}

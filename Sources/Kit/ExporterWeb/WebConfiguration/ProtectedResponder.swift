package import Basics
package import HTTPServer
internal import HTTPTypes

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
    ///   - time: for the rate limit, and for how long requests wait for the limit on concurrent ones.
    ///   - policy: the current policy for requests.
    ///   - responder: answers admitted requests.
    package init(
        maximumRequests: @escaping @Sendable () -> Int, time: TimeSource,
        policy: @escaping @Sendable () -> RequestPolicy = { RequestPolicy() },
        authentication: BasicAuthentication = BasicAuthentication(), responder: @escaping HTTPListener.Handler
    ) {
        self.policy = policy
        self.authentication = authentication
        self.responder = responder
        limiter = RequestRateLimiter { time.uptime }
        inFlight = RequestsInFlight(maximum: maximumRequests, time: time)
    }

    /// Answers a request.
    package func respond(to request: ListenerRequest) async -> ListenerResponse {
        let policy = policy()
        var response =
            Self.healthPaths.contains(String(request.path)) ? await responder(request) : await answer(request, under: policy)
        // Metrics and health change constantly, so no cache on the way may answer with old ones.
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

package import HTTPServer
internal import HTTPTypes
internal import NIOConcurrencyHelpers

/// What stands before the paths: rate limit, passwords, the limit of requests at once; and the header fields that are configured.
///
/// ``healthPaths`` are open to everybody and at any time: who watches over the exporter has no password, and must not be told that
/// it is ill because it is busy.
package struct ProtectedResponder: Sendable {
    /// What needs no password and counts against no limit.
    package static let healthPaths: Set<String> = ["/-/healthy", "/-/ready"]

    private let policy: @Sendable () -> RequestPolicy
    private let authentication: BasicAuthentication
    private let limiter: RequestRateLimiter
    private let inFlight: RequestsInFlight
    private let responder: HTTPListener.Handler

    /// - Parameters:
    ///   - maximumRequests: how many requests are answered at once, now; 0 does not limit them.
    ///   - uptime: a steady clock's time, for the rate limit.
    ///   - policy: what holds for requests now.
    ///   - responder: answers what is let through.
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
        // Who configured a field wants it everywhere: it takes the place of the page's own.
        for field in policy.headerFields { response.headerFields[field.name] = field.value }
        return response
    }

    private func answer(_ request: ListenerRequest, under policy: RequestPolicy) async -> ListenerResponse {
        // First, as in the exporter-toolkit: it bounds the passwords that can be tried.
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
                    .serviceUnavailable, "Too many passwords are waiting to be checked.", headerFields: [.retryAfter: "1"])
            }
        }
        if let response = await inFlight.answering({ await responder(request) }) { return response }
        return .text(
            .serviceUnavailable, "The limit of \(inFlight.maximum()) requests at once (--web.max-requests) is reached.",
            headerFields: [.retryAfter: "1"])
    }

    /// Whole seconds, rounded up.
    private static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return String(max(1, seconds + (attoseconds > 0 ? 1 : 0)))
    }
}

/// Bounds how many requests are being answered at once.
package final class RequestsInFlight: Sendable {
    /// How many may be, now; 0 does not limit them.
    package let maximum: @Sendable () -> Int
    private let count = NIOLockedValueBox(0)

    /// - Parameter maximum: how many may be, which is asked for each; 0 does not limit them.
    package init(maximum: @escaping @Sendable () -> Int) {
        self.maximum = maximum
    }

    /// Answers a request if there is a place for it.
    /// - Returns: nil when there was none.
    package func answering<Answer: Sendable>(_ answer: () async -> Answer) async -> Answer? {
        let maximum = maximum()
        // They are counted without a limit too: one may be set while they are under way.
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

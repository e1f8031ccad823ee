/// The contents of a simulation and how it responds.
///
/// ``seed``, ``buckets``, ``nodes``, ``workspaces``, ``hasIllBucket``, ``canary`` and ``requestLogCapacity`` are read once, when
/// the simulation is created; other changes take effect with the next request.
package struct SimulatorConfiguration: Sendable {
    /// The form of Retry-After in a 429. The documents do not mention that it is sent at all.
    package enum RetryAfterForm: String, Sendable, CaseIterable {
        case seconds
        case date
        case none
    }

    /// The seed of everything that looks random.
    package var seed: UInt64 = 1
    /// The initial number of buckets in the organization.
    package var buckets = 20
    /// The number of bridge nodes, each of which reports on every bucket.
    package var nodes = 3
    /// The number of workspaces among which the buckets are distributed.
    package var workspaces = 3
    /// Makes the second bucket permanently ill: no node has ever reached it, and it has no traffic.
    package var hasIllBucket = true
    /// A text contained in every credential of a bucket (`key`, `secret`, `apiKeyId`) and in all data about users, for detecting leaks.
    package var canary = ""

    /// The minimum latency of every response.
    package var latency = Duration.zero
    /// The maximum additional latency; each request's share of it is determined by the seed.
    package var jitter = Duration.zero
    /// The fraction of requests that get a 500, from 0 to 1.
    package var errorRate = 0.0
    /// The fraction of requests that get a 429, from 0 to 1.
    package var throttleRate = 0.0
    /// The number of requests per second above which requests get a 429, with a burst of one second's worth; nil for no limit.
    package var requestsPerSecond: Double?
    package var retryAfter = RetryAfterForm.seconds
    /// The number of bytes of a request's path and query above which it gets a 414, as from a proxy; nil for no limit.
    package var maximumTargetBytes: Int?
    /// The number of buckets above which POST /bucket returns 429; nil for no limit.
    package var bucketQuota: Int?

    /// An access token that is accepted and never expires.
    package var staticToken: String?
    /// Access tokens that never expire, with the identifiers of the only workspaces that their users belong to.
    package var restrictedTokens: [String: Set<String>] = [:]
    /// The only account that can log in with POST /user/login.
    package var email = "operator@example.com"
    package var password = "simulated-password"
    /// The lifetime of an access token; documented as one hour.
    package var accessTokenLifetime = Duration.seconds(3600)
    /// The lifetime of a refresh token; documented only as longer than an access token's.
    package var refreshTokenLifetime = Duration.seconds(30 * 86_400)
    /// Rejects POST /user/refresh without an access token, which may be expired. The page requires one, but the client sends
    /// none.
    package var refreshNeedsAccessToken = false
    /// Rejects POST /user/refresh with an access token that is not valid, such as one that has expired. This is not documented.
    package var refreshChecksAccessToken = false
    /// Whether POST /user/refresh returns a new refresh token and invalidates the old one.
    package var rotatesRefreshTokens = true

    package var dialect = APIDialect()
    /// How many requests are logged individually; counts include all.
    package var requestLogCapacity = 10_000

    package init() {}
}

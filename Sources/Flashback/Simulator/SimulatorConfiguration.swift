/// What a simulation consists of and how it answers.
///
/// ``seed``, ``buckets``, ``nodes``, ``workspaces``, ``hasIllBucket``, ``canary`` and ``requestLogCapacity`` are read once, when
/// the simulation is made; a change of anything else takes effect with the next request.
package struct SimulatorConfiguration: Sendable {
    /// How Retry-After is sent with a 429. No document tells that it is sent at all.
    package enum RetryAfterForm: String, Sendable, CaseIterable {
        case seconds
        case date
        case none
    }

    /// Everything that looks random follows from this.
    package var seed: UInt64 = 1
    /// How many buckets the organization has to begin with.
    package var buckets = 20
    /// How many bridge nodes report on every bucket.
    package var nodes = 3
    /// How many workspaces the buckets are spread over.
    package var workspaces = 3
    /// Makes the second bucket permanently ill: no node has ever reached it, and it has no traffic.
    package var hasIllBucket = true
    /// A text that every credential of a bucket (`key`, `secret`, `apiKeyId`) contains, so that a leak can be searched for.
    package var canary = ""

    /// How long every answer takes.
    package var latency = Duration.zero
    /// How much longer than ``latency`` an answer may take; each request's share of it follows from the seed.
    package var jitter = Duration.zero
    /// The share of requests that are answered 500, from 0 to 1.
    package var errorRate = 0.0
    /// The share of requests that are answered 429, from 0 to 1.
    package var throttleRate = 0.0
    /// How many requests a second are let through before 429 is answered; one second's worth may come at once. Nil: any number.
    package var requestsPerSecond: Double?
    package var retryAfter = RetryAfterForm.seconds
    /// How many buckets the organization may have before POST /bucket answers 429. Nil: any number.
    package var bucketQuota: Int?

    /// An access token that is accepted and never expires.
    package var staticToken: String?
    /// Access tokens that never expire and whose user is a member of the given workspaces only, by their identifiers.
    package var restrictedTokens: [String: Set<String>] = [:]
    /// The one account that POST /user/login knows.
    package var email = "operator@example.com"
    package var password = "simulated-password"
    /// How long an access token lives; documented as one hour.
    package var accessTokenLifetime = Duration.seconds(3600)
    /// How long a refresh token lives; documented as longer than an access token, without a number.
    package var refreshTokenLifetime = Duration.seconds(30 * 86_400)
    /// Refuses POST /user/refresh without an access token, even an expired one: the page claims so, the client sends none.
    package var refreshNeedsAccessToken = false
    /// Whether POST /user/refresh gives a new refresh token and refuses the old one from then on.
    package var rotatesRefreshTokens = true

    package var spelling = APISpelling()
    /// How many requests are remembered one by one; the counters remember all.
    package var requestLogCapacity = 10_000

    package init() {}
}

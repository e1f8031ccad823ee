internal import ArgumentParser
internal import Configuration
internal import FlashbackSimulator

/// Flags for the simulation's size and reliability.
struct WorldOptions: ParsableArguments {
    @Option(help: "How many buckets the organization has.")
    var buckets = 20

    @Option(help: "How many bridge nodes report on every bucket.")
    var nodes = 3

    @Option(help: "Number of workspaces that the buckets are in.")
    var workspaces = 3

    @Option(help: "Seed of all pseudo-random values.")
    var seed: UInt64 = 1

    @Option(help: "How long every answer takes. (default: 20ms)", transform: { try PrometheusDuration(parsing: $0) })
    var latency = PrometheusDuration(.milliseconds(20))

    @Option(
        help: "How much longer than --latency an answer may take. (default: 10ms)",
        transform: { try PrometheusDuration(parsing: $0) })
    var jitter = PrometheusDuration(.milliseconds(10))

    @Option(help: "Share of requests that are answered 500, from 0 to 1.")
    var errorRate = 0.0

    @Option(help: "Share of requests that are answered 429, from 0 to 1.")
    var throttleRate = 0.0

    @Option(help: "Requests per second that are accepted; more are answered 429. (default: any number)")
    var requestsPerSecond: Double?

    @Option(help: "The form of Retry-After in a 429.")
    var retryAfter = SimulatorConfiguration.RetryAfterForm.seconds

    @Option(help: "How many buckets may be created before POST /bucket answers 429. (default: any number)")
    var quota: Int?

    @Option(help: "The e-mail address of the only account.")
    var email = SimulatorConfiguration().email

    @Option(help: "The password of the only account; not a secret.")
    var password = SimulatorConfiguration().password

    @Option(help: "Lifetime of an access token. (default: 1h)", transform: { try PrometheusDuration(parsing: $0) })
    var accessTokenLifetime = PrometheusDuration(.seconds(3600))

    @Option(help: "Text that every bucket credential contains, to search for leaks.")
    var canary = ""

    @Flag(help: "Refuse POST /user/refresh without an access token.")
    var refreshNeedsAccessToken = false

    @Flag(help: "Refuse POST /user/refresh with an access token that is not valid.")
    var refreshChecksAccessToken = false

    @Flag(help: "Keep a refresh token valid after use.")
    var keepRefreshTokens = false

    @Flag(help: "Make no bucket permanently unhealthy.")
    var allHealthy = false

    var configuration: SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.buckets = buckets
        configuration.nodes = nodes
        configuration.workspaces = workspaces
        configuration.seed = seed
        configuration.latency = latency.duration
        configuration.jitter = jitter.duration
        configuration.errorRate = errorRate
        configuration.throttleRate = throttleRate
        configuration.requestsPerSecond = requestsPerSecond
        configuration.retryAfter = retryAfter
        configuration.bucketQuota = quota
        configuration.email = email
        configuration.password = password
        configuration.accessTokenLifetime = accessTokenLifetime.duration
        configuration.canary = canary
        configuration.refreshNeedsAccessToken = refreshNeedsAccessToken
        configuration.refreshChecksAccessToken = refreshChecksAccessToken
        configuration.rotatesRefreshTokens = !keepRefreshTokens
        configuration.hasIllBucket = !allHealthy
        return configuration
    }

    func validate() throws {
        let numbers = [
            ("--buckets", buckets, 0...1_000_000), ("--nodes", nodes, 0...10_000), ("--workspaces", workspaces, 1...10_000),
            ("--quota", quota ?? 0, 0...Int.max),
        ]
        for (flag, number, range) in numbers where !range.contains(number) {
            let limit = number < range.lowerBound ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
            throw InvalidArgument("\(flag) must be \(limit)")
        }
        for (flag, share) in [("--error-rate", errorRate), ("--throttle-rate", throttleRate)] where !(0...1).contains(share) {
            throw InvalidArgument("\(flag) must be from 0 to 1")
        }
        if let requestsPerSecond, !(requestsPerSecond > 0 && requestsPerSecond.isFinite) {
            throw InvalidArgument("--requests-per-second must be more than 0")
        }
        if email.isEmpty || password.isEmpty { throw InvalidArgument("--email and --password must not be empty") }
    }
}

extension SimulatorConfiguration.RetryAfterForm: ExpressibleByArgument {}

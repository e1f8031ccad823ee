package import Basics
internal import FoundationEssentials
package import Logging

/// A token that this program renews itself: at four fifths of its life, and when the API refuses it.
///
/// However many requests want a token, one renewal is under way at a time, and none waits for it while the token that there is can
/// be used. After a renewal that failed there is a pause before the next, longer each time and as long as the API asks for. An API
/// that refuses even the token that it has just given out is not asked for one after another, nor sent that token again, for a minute.
package actor RenewedAccessToken: AccessTokenSource {
    /// The share of a token's life after which it is renewed.
    private static let renewalShare = 0.8
    /// Seconds for which a token is used at least, whatever its life is said to be: a life so short is more likely a mistake, or that
    /// of a clock far from ours, and would have one renewal follow the other.
    private static let shortestUse = 10.0
    /// How soon a refusal may have a token renewed after another refusal did.
    private static let refusalInterval = Duration.seconds(60)

    private let grant: any AccessTokenGrant
    private let time: TimeSource
    private let logger: Logger
    private var token: AccessToken?
    private var renewAt: Date?
    /// Until when the token is used, as far as our clock can tell.
    private var end: Date?
    /// Whether the API has refused the token.
    private var isRefused = false
    /// When a refusal last had a token renewed whose life was not over.
    private var replacedAt: Duration?
    /// Whether it begins no renewal any more.
    private var isFinished = false
    private var renewal: Task<Result<AccessToken, AccessTokenError>, Never>?
    private var backoff = Backoff(first: .seconds(5), longest: .seconds(300))
    private var latestFailure: AccessTokenError?
    private var renewals = AccessTokenReport.Renewals()

    package init(_ grant: any AccessTokenGrant, time: TimeSource, logger: Logger) {
        self.grant = grant
        self.time = time
        self.logger = logger
    }

    package func accessToken() async throws(AccessTokenError) -> AccessToken {
        guard let token, !isRefused, !isOver else { return try await renewed() }
        if !isYoung, renewal == nil, reasonNotToRenew == nil { begin() }
        return token
    }

    package func replacement(for refused: AccessToken) async throws(AccessTokenError) -> AccessToken {
        if let token, token != refused { return token }
        isRefused = true
        return try await renewed()
    }

    package var report: AccessTokenReport {
        AccessTokenReport(expiresAt: token?.expiresAt, renewals: renewals)
    }

    package func finish() async {
        isFinished = true
        _ = await renewal?.value
    }

    private var isYoung: Bool { renewAt.map { time.now < $0 } ?? true }
    private var isOver: Bool { end.map { time.now >= $0 } ?? false }
    private var hasExpired: Bool { token?.expiresAt.map { time.now >= $0 } ?? false }

    private func renewed() async throws(AccessTokenError) -> AccessToken {
        if let renewal { return try await renewal.value.get() }
        if let reason = reasonNotToRenew { throw reason }
        return try await begin().value.get()
    }

    private var reasonNotToRenew: AccessTokenError? {
        if isFinished { return AccessTokenError("the exporter is done with this account and renews its token no more") }
        if let latestFailure, !backoff.isOver(at: time.uptime) { return latestFailure }
        guard isRefused else { return nil }
        if hasExpired, end != nil {
            return isYoung ? AccessTokenError("HTTP 401: the API's access tokens expire faster than they may be renewed") : nil
        }
        if let replacedAt, time.uptime < replacedAt + Self.refusalInterval {
            return AccessTokenError("HTTP 401: the access token was refused though it is new; check the account's rights")
        }
        return nil
    }

    @discardableResult
    private func begin() -> Task<Result<AccessToken, AccessTokenError>, Never> {
        // In a task of its own: that the request which asked for it is given up must not break a renewal off.
        let renewal = Task { await renewNow() }
        self.renewal = renewal
        return renewal
    }

    private func renewNow() async -> Result<AccessToken, AccessTokenError> {
        defer { renewal = nil }
        do throws(AccessTokenError) {
            let new = try await grant.token(after: token)
            take(new)
            return .success(new)
        } catch {
            backoff.failed(at: time.uptime, atLeast: error.retryAfter ?? .zero)
            latestFailure = error
            renewals.failed += 1
            logger.error("access token not renewed", metadata: ["err": "\(error)"])
            return .failure(error)
        }
    }

    private func take(_ new: AccessToken) {
        if isRefused, !hasExpired { replacedAt = time.uptime }
        isRefused = false
        token = new
        // One that comes expired was given out by a clock that is far from ours: it tells us nothing, and a refusal will.
        let life = new.expiresAt.map { $0.timeIntervalSince(time.now) }.flatMap { $0 > 0 ? $0 : nil }
        renewAt = life.map { time.now.addingTimeInterval(max($0 * Self.renewalShare, Self.shortestUse)) }
        end = life.map { time.now.addingTimeInterval(max($0, Self.shortestUse)) }
        backoff.reset()
        latestFailure = nil
        renewals.succeeded += 1
        logger.info("access token renewed", metadata: new.expiresAt.map { ["expires": "\($0.formatted(.iso8601))"] } ?? [:])
    }
}

/// How long to leave something alone that failed: twice as long after each failure, up to a bound.
struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private var failures = 0
    private var until = Duration.zero

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    func isOver(at uptime: Duration) -> Bool { uptime >= until }

    /// - Parameter shortest: how long the delay must be, also beyond the bound.
    mutating func failed(at uptime: Duration, atLeast shortest: Duration = .zero) {
        var delay = first
        for _ in 0..<failures where delay < longest { delay += delay }
        failures += 1
        until = uptime + max(min(delay, longest), shortest)
    }

    mutating func reset() {
        failures = 0
        until = .zero
    }
}

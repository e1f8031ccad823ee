package import Basics
internal import FoundationEssentials
package import Logging

/// A token that this program renews itself: after four fifths of its lifetime, and when the API rejects it.
///
/// Only one renewal runs at a time, and requests wait for it only when the current token is unusable. After a failed renewal the
/// next one is delayed, with exponential backoff and at least as long as the API asks for. If the API rejects even a token that
/// it has just granted, the token is neither sent nor renewed again for a minute.
package actor RenewedAccessToken: AccessTokenSource {
    /// The fraction of a token's lifetime after which it is renewed.
    private static let renewalShare = 0.8
    /// The minimum time in seconds for which a token is used, whatever its stated lifetime: a shorter lifetime is probably a mistake or a
    /// clock difference, and would cause continuous renewals.
    private static let minimumUse = 10.0
    /// The minimum time between two renewals that are caused by rejections.
    private static let refusalInterval = Duration.seconds(60)
    /// The minimum time between two attempts to save a token that could not be saved.
    private static let savingInterval = Duration.seconds(10)

    private let grant: any AccessTokenGrant
    private let time: TimeSource
    private let logger: Logger
    private var token: AccessToken?
    private var renewAt: Date?
    /// When to stop using the token, by the local clock.
    private var end: Date?
    /// Whether the API has rejected the token.
    private var isRefused = false
    /// When a token was last renewed because the API rejected it before its expiry.
    private var replacedAt: Duration?
    /// How many callers have stopped renewals. The program may end while a reload has stopped them; if the reload then resumes them, they
    /// must stay stopped.
    private var stops = 0
    private var renewal: Task<Result<AccessToken, AccessTokenError>, Never>?
    private var backoff = Backoff(first: .seconds(5), maximum: .seconds(300))
    private var latestFailure: AccessTokenError?
    private var renewals = AccessTokenReport.Renewals()
    /// When to try again to save the grant's token; nil when it is saved.
    private var saveAt: Duration?

    package init(_ grant: any AccessTokenGrant, time: TimeSource, logger: Logger) {
        self.grant = grant
        self.time = time
        self.logger = logger
    }

    package func accessToken() async throws(AccessTokenError) -> AccessToken {
        if let saveAt, time.uptime >= saveAt { _ = await save() }
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
        AccessTokenReport(expiresAt: token?.expiresAt, renewals: renewals, isUnsaved: saveAt != nil)
    }

    package func finish(within limit: Duration?) async {
        stops += 1
        if let renewal {
            let interruption = limit.map { limit in
                Task { [time, logger] in
                    try await time.sleep(until: time.uptime + limit)
                    logger.warning("interrupted the renewal of the access token; the API did not respond in time")
                    renewal.cancel()
                }
            }
            _ = await renewal.value
            interruption?.cancel()
        }
        _ = await save()
    }

    package func resume() { stops -= 1 }

    package func save() async -> Bool {
        guard saveAt != nil else { return true }
        saveAt = time.uptime + Self.savingInterval
        await grant.saveToken()
        if await !grant.hasUnsavedToken { saveAt = nil }
        return saveAt == nil
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
        if stops > 0 { return AccessTokenError("the exporter no longer uses this account and does not renew its token") }
        if let latestFailure, !backoff.isOver(at: time.uptime) { return latestFailure }
        guard isRefused else { return nil }
        if hasExpired, end != nil {
            return isYoung ? AccessTokenError("HTTP 401: the API's access tokens expire before they can be renewed") : nil
        }
        if let replacedAt, time.uptime < replacedAt + Self.refusalInterval {
            return AccessTokenError("HTTP 401: the new access token was refused; check the account's permissions")
        }
        return nil
    }

    @discardableResult
    private func begin() -> Task<Result<AccessToken, AccessTokenError>, Never> {
        // In its own task: cancelling the request that triggered a renewal must not interrupt it.
        let renewal = Task { await renewNow() }
        self.renewal = renewal
        return renewal
    }

    private func renewNow() async -> Result<AccessToken, AccessTokenError> {
        defer { renewal = nil }
        do throws(AccessTokenError) {
            let new = try await grant.token(after: token)
            await noteUnsavedToken()
            take(new)
            return .success(new)
        } catch {
            await noteUnsavedToken()
            backoff.failed(at: time.uptime, atLeast: error.retryAfter ?? .zero)
            latestFailure = error
            renewals.failed += 1
            logger.error("access token not renewed", metadata: ["err": "\(error)"])
            return .failure(error)
        }
    }

    private func noteUnsavedToken() async {
        saveAt = await grant.hasUnsavedToken ? time.uptime + Self.savingInterval : nil
    }

    private func take(_ new: AccessToken) {
        if isRefused, !hasExpired { replacedAt = time.uptime }
        isRefused = false
        token = new
        // A token that is already expired comes from a server whose clock differs from ours: ignore its expiry and rely on
        // rejections.
        let life = new.expiresAt.map { $0.timeIntervalSince(time.now) }.flatMap { $0 > 0 ? $0 : nil }
        renewAt = life.map { time.now.addingTimeInterval(max($0 * Self.renewalShare, Self.minimumUse)) }
        end = life.map { time.now.addingTimeInterval(max($0, Self.minimumUse)) }
        backoff.reset()
        latestFailure = nil
        renewals.succeeded += 1
        logger.info("access token renewed", metadata: new.expiresAt.map { ["expires": "\($0.formatted(.iso8601))"] } ?? [:])
    }
}

/// Exponential backoff: each failure doubles the delay, up to a maximum.
struct Backoff: Sendable {
    private let first: Duration
    private let maximum: Duration
    private var failures = 0
    private var until = Duration.zero

    init(first: Duration, maximum: Duration) {
        self.first = first
        self.maximum = maximum
    }

    func isOver(at uptime: Duration) -> Bool { uptime >= until }

    /// - Parameter minimum: the minimum delay; it may exceed the maximum.
    mutating func failed(at uptime: Duration, atLeast minimum: Duration = .zero) {
        var delay = first
        for _ in 0..<failures where delay < maximum { delay += delay }
        failures += 1
        until = uptime + max(min(delay, maximum), minimum)
    }

    mutating func reset() {
        failures = 0
        until = .zero
    }
}

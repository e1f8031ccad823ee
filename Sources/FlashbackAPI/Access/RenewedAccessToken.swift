internal import FoundationEssentials
package import Logging

/// A token that this program renews itself: at four fifths of its life, and when the API refuses it.
///
/// However many requests want a token, one renewal is under way at a time. After a renewal that failed there is a pause before
/// the next, longer each time; a token that is still good is used meanwhile. An API that refuses even the token that it has just
/// given out is not asked for one after another, nor sent that token again, for a minute.
package actor RenewedAccessToken: AccessTokenSource {
    /// The share of a token's life after which it is renewed.
    private static let renewalShare = 0.8
    /// How soon a refusal may have a token renewed after another refusal did.
    private static let refusalInterval = Duration.seconds(60)

    private let grant: any AccessTokenGrant
    private let time: TimeSource
    private let logger: Logger
    private var token: AccessToken?
    private var renewAt: Date?
    /// When the API will stop taking the token, as far as our clock can tell.
    private var end: Date?
    /// Whether the API has refused the token.
    private var isRefused = false
    /// When a refusal last had a token renewed.
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
        if let token, isYoung, !isRefused { return token }
        do throws(AccessTokenError) {
            return try await renew()
        } catch {
            if let token, !isExpired, !isRefused { return token }
            throw error
        }
    }

    package func replacement(for refused: AccessToken) async throws(AccessTokenError) -> AccessToken {
        if let token, token != refused { return token }
        isRefused = true
        return try await renew()
    }

    package var report: AccessTokenReport {
        AccessTokenReport(expiresAt: token?.expiresAt, renewals: renewals)
    }

    package func finish() async {
        isFinished = true
        _ = await renewal?.value
    }

    private var isYoung: Bool { renewAt.map { time.now < $0 } ?? true }
    private var isExpired: Bool { end.map { time.now >= $0 } ?? false }

    private func renew() async throws(AccessTokenError) -> AccessToken {
        if let renewal { return try await renewal.value.get() }
        if isFinished { throw AccessTokenError("the exporter is done with this account and renews its token no more") }
        if let latestFailure, !backoff.isOver(at: time.uptime) { throw latestFailure }
        if isRefused, let replacedAt, time.uptime < replacedAt + Self.refusalInterval {
            throw AccessTokenError("HTTP 401: the access token was refused though it is new; check the account's rights")
        }
        // In a task of its own: that the request which asked for it is given up must not break a renewal off.
        let renewal = Task { await renewNow() }
        self.renewal = renewal
        return try await renewal.value.get()
    }

    private func renewNow() async -> Result<AccessToken, AccessTokenError> {
        defer { renewal = nil }
        do throws(AccessTokenError) {
            let token = try await grant.token(after: token)
            let now = time.now
            self.token = token
            // One that comes expired was given out by a clock that is far from ours: it tells us nothing, and a refusal will.
            end = token.expiresAt.flatMap { $0 > now ? $0 : nil }
            renewAt = end.map { now.addingTimeInterval($0.timeIntervalSince(now) * Self.renewalShare) }
            if isRefused { replacedAt = time.uptime }
            isRefused = false
            backoff.reset()
            latestFailure = nil
            renewals.succeeded += 1
            logger.info("access token renewed", metadata: token.expiresAt.map { ["expires": "\($0.formatted(.iso8601))"] } ?? [:])
            return .success(token)
        } catch {
            backoff.failed(at: time.uptime)
            latestFailure = error
            renewals.failed += 1
            logger.error("access token not renewed", metadata: ["err": "\(error)"])
            return .failure(error)
        }
    }
}

package import Basics
internal import FoundationEssentials
package import HTTPClient
internal import HTTPTypes

/// Asks the endpoints that give tokens out. Their requests carry secrets in their bodies, so no redirect is followed.
package struct AuthenticationClient: Sendable {
    /// The longest pause that is waited for.
    private static let patience = Duration.seconds(30)

    private let baseURL: APIBaseURL
    private let transport: RecordedTransport
    private let budget: RequestBudget?
    private let statistics: RequestStatistics
    private let time: TimeSource

    /// - Parameter budget: that of the account's other requests, from which these take their places; nil asks without.
    package init(
        baseURL: APIBaseURL, transport: any HTTPTransport, budget: RequestBudget? = nil, statistics: RequestStatistics,
        time: TimeSource
    ) {
        self.baseURL = baseURL
        self.transport = RecordedTransport(transport: transport, statistics: statistics, time: time)
        self.budget = budget
        self.statistics = statistics
        self.time = time
    }

    /// `POST /user/login`.
    func login(email: String, password: Secret) async throws(AccessTokenError) -> GrantedTokens {
        try await ask(
            EndpointName(.post, "/user/login"), ["email": email, "password": password.reveal()], bearer: nil, secret: password)
    }

    /// `POST /user/refresh`. Its documents disagree on the name of the field, so both are sent; and one says that it wants an
    /// access token too.
    func refresh(_ refreshToken: Secret, bearer: AccessToken?) async throws(AccessTokenError) -> GrantedTokens {
        try await ask(
            EndpointName(.post, "/user/refresh"),
            ["refreshToken": refreshToken.reveal(), "refresh_token": refreshToken.reveal()], bearer: bearer, secret: refreshToken)
    }

    private func ask(
        _ name: EndpointName, _ body: [String: String], bearer: AccessToken?, secret: Secret
    ) async throws(AccessTokenError) -> GrantedTokens {
        guard let encoded = try? JSONEncoder().encode(body) else {
            throw AccessTokenError("\(name): the request cannot be encoded")
        }
        let response = try await exchange(
            TransferRequest(
                method: .post, url: baseURL.url(path: name.template.split(separator: "/").map(String.init), query: []),
                headerFields: [.accept: "application/json", .contentType: "application/json"], body: Array(encoded),
                bearerToken: bearer?.secret, maximumResponseBytes: AnswerLimits.tokens.bytes, followsRedirects: false), to: name)
        let fields = GrantFields(body: response.body)
        let secrets = [secret] + (bearer.map { [$0.secret] } ?? []) + (fields?.secrets ?? [])
        let said = ErrorEnvelope(body: response.body)?.text.map { spoken($0, hiding: secrets) }
        guard response.status.kind == .successful else {
            throw AccessTokenError(
                "\(name): HTTP \(response.status.code)", said: said,
                retryAfter: RetryAfter.duration(in: response.headerFields, now: time.now))
        }
        return GrantedTokens(refreshToken: fields?.refreshToken, access: access(fields, name, said))
    }

    private func access(_ fields: GrantFields?, _ name: EndpointName, _ said: String?) -> Result<AccessToken, AccessTokenError> {
        guard let fields, fields.success != false, let token = fields.accessToken else {
            return .failure(AccessTokenError("\(name): the answer holds no access token", said: said))
        }
        do throws(AccessTokenError) {
            return .success(try AccessToken(parsing: token, orExpiringAt: fields.expiresAt))
        } catch {
            return .failure(AccessTokenError("\(name): \(error)"))
        }
    }

    // MARK: One request

    /// Sends a request in its turn, counts it, and tells the budget when the API complains.
    private func exchange(_ request: TransferRequest, to name: EndpointName) async throws(AccessTokenError) -> TransferResponse {
        let place = try await place(for: name)
        do {
            let response = try await transport.execute(request, to: name)
            if let complaint = RetryAfter.Complaint(response, now: time.now) {
                statistics.recordThrottled(name)
                if let place { budget?.releaseThrottled(place, retryAfter: complaint.pause) }
            } else if let place {
                budget?.release(place, isSuccess: response.status.kind == .successful)
            }
            return response
        } catch {
            if let place { budget?.release(place, isSuccess: false) }
            throw AccessTokenError("\(name): \(error)")
        }
    }

    /// Waits until no pause keeps requests from being made.
    private func place(for name: EndpointName) async throws(AccessTokenError) -> RequestBudget.Place? {
        guard let budget else { return nil }
        do {
            return try await budget.acquireBesides(until: time.uptime + Self.patience)
        } catch {
            switch error {
            case .cancelled: throw AccessTokenError("\(name): cancelled")
            case .paused(let end):
                let rest = end - time.uptime
                throw AccessTokenError(
                    "\(name): not asked: the API wants to be left alone for another \(rest.wholeSeconds) s", retryAfter: rest)
            }
        }
    }
}

/// What an answer with a 2xx status to `POST /user/login` or `POST /user/refresh` gives out. Each of the two may be missing.
struct GrantedTokens: Sendable {
    /// The token to renew with from now on; nil when the answer holds none.
    let refreshToken: String?
    /// The token to use, or why there is none.
    let access: Result<AccessToken, AccessTokenError>
}

/// The fields of such an answer.
struct GrantFields {
    let success: Bool?
    /// The field `accessToken`, in the client's types also `token`.
    let accessToken: String?
    let refreshToken: String?
    /// When the access token expires, where the answer says so.
    let expiresAt: Date?

    /// Fails when the body is no JSON object.
    init?(body: [UInt8]) {
        guard var fields = RowFields(body: body) else { return nil }
        success = fields.boolean(.success)
        accessToken = fields.string(.accessToken, .token, .access_token)
        // One spelling that cannot be read must not hide the other.
        refreshToken = [fields.string(.refreshToken), fields.string(.refresh_token)].lazy.compactMap { $0 }.first { !$0.isEmpty }
        expiresAt = fields.number(.expiresAt).flatMap(Self.date)
    }

    /// The secrets in it.
    var secrets: [Secret] { [accessToken, refreshToken].compactMap { $0.map { Secret($0) } } }

    /// The unit of `expiresAt` is not documented; it can only be told from the size.
    private static func date(_ number: Double) -> Date? {
        AccessToken.expiry(number < 1e11 ? number : number / 1000)
    }
}

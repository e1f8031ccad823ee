package import Basics
internal import FoundationEssentials
package import HTTPClient
internal import HTTPTypes

/// Client of the endpoints that grant tokens. The request bodies carry secrets, so redirects are not followed.
package struct AuthenticationClient: Sendable {
    /// The longest throttling pause to wait for.
    private static let patience = Duration.seconds(30)

    private let baseURL: APIBaseURL
    private let transport: RecordedTransport
    private let budget: RequestBudget?
    private let statistics: RequestStatistics
    private let time: TimeSource

    /// - Parameter budget: the account's request budget, shared with its other requests; nil for no limit.
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
            EndpointName(.post, "/user/login"), ["email": email, "password": password.reveal()], secrets: [password])
    }

    /// `POST /user/refresh`. The API's documents disagree on the field's name, so both are sent; one of them also requires an
    /// access token. An API that checks this token, too, rejects one that has expired, although the refresh token is valid. After such a
    /// rejection, the request is repeated without the access token.
    func refresh(_ refreshToken: Secret, bearer: AccessToken?) async throws(AccessTokenError) -> GrantedTokens {
        let name = EndpointName(.post, "/user/refresh")
        let body = ["refreshToken": refreshToken.reveal(), "refresh_token": refreshToken.reveal()]
        // An answer may repeat the secrets of an earlier request.
        let secrets = [refreshToken] + (bearer.map { [$0.secret] } ?? [])
        do throws(AccessTokenError) {
            return try await ask(name, body, bearer: bearer, secrets: secrets)
        } catch {
            guard bearer != nil, error.status == 401 else { throw error }
            return try await ask(name, body, secrets: secrets)
        }
    }

    private func ask(
        _ name: EndpointName, _ body: [String: String], bearer: AccessToken? = nil, secrets: [Secret]
    ) async throws(AccessTokenError) -> GrantedTokens {
        guard let encoded = try? JSONEncoder().encode(body) else {
            throw AccessTokenError("\(name): the request cannot be encoded")
        }
        let response = try await exchange(
            TransferRequest(
                method: .post, url: baseURL.url(path: name.template.split(separator: "/").map(String.init), query: []),
                headerFields: [.accept: "application/json", .contentType: "application/json"], body: Array(encoded),
                bearerToken: bearer?.secret, maximumResponseBytes: AnswerLimits.tokens.bytes, followsRedirects: false,
                isRepeatable: false), to: name, hiding: secrets)
        let fields = GrantFields(body: response.body)
        let allSecrets = secrets + (fields?.secrets ?? [])
        let said = ErrorEnvelope(body: response.body)?.text.map { redactedLogLine($0, hiding: allSecrets) }
        guard response.status.kind == .successful else {
            throw AccessTokenError(
                "\(name): HTTP \(response.status.code)", said: said,
                retryAfter: RetryAfter.duration(in: response.headerFields, now: time.now),
                status: response.status.code)
        }
        return GrantedTokens(refreshToken: fields?.refreshToken, access: access(fields, name, said))
    }

    private func access(_ fields: GrantFields?, _ name: EndpointName, _ said: String?) -> Result<AccessToken, AccessTokenError> {
        guard let fields, fields.success != false, let token = fields.accessToken else {
            return .failure(AccessTokenError("\(name): the response contains no access token", said: said))
        }
        do throws(AccessTokenError) {
            return .success(try AccessToken(parsing: token, orExpiringAt: fields.expiresAt))
        } catch {
            return .failure(AccessTokenError("\(name): \(error)"))
        }
    }

    // MARK: One request

    /// Sends a request within the budget, counts it, and reports throttling to the budget.
    private func exchange(
        _ request: TransferRequest, to name: EndpointName, hiding secrets: [Secret]
    ) async throws(AccessTokenError) -> TransferResponse {
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
            throw AccessTokenError("\(name): \(error.hiding(secrets))")
        }
    }

    /// Waits until no throttling pause is active.
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
                    "\(name): not sent: the API asked for a pause of another \(rest.wholeSeconds) s", retryAfter: rest)
            }
        }
    }
}

/// The tokens in a 2xx response to `POST /user/login` or `POST /user/refresh`. Either may be missing.
struct GrantedTokens: Sendable {
    /// The new refresh token; nil when the response has none.
    let refreshToken: String?
    /// The access token, or why there is none.
    let access: Result<AccessToken, AccessTokenError>
}

/// The fields of a token response.
struct GrantFields {
    let success: Bool?
    /// The field `accessToken`, called `token` in the API's client types.
    let accessToken: String?
    let refreshToken: String?
    /// When the access token expires, if the response says so.
    let expiresAt: Date?

    /// Fails when the body is not a JSON object.
    init?(body: [UInt8]) {
        guard var fields = RowFields(body: body) else { return nil }
        success = fields.boolean(.success)
        accessToken = fields.string(.accessToken, .token, .access_token)
        // An unreadable value under one spelling must not hide the other.
        refreshToken = [fields.string(.refreshToken), fields.string(.refresh_token)].lazy.compactMap { $0 }.first { !$0.isEmpty }
        expiresAt = fields.number(.expiresAt).flatMap(Self.date)
    }

    /// The secrets in the response.
    var secrets: [Secret] { [accessToken, refreshToken].compactMap { $0.map { Secret($0) } } }

    private static func date(_ number: Double) -> Date? {
        AccessToken.expiry(TimestampFormat.seconds(ofUnknownUnit: number))
    }
}

package import CurlTransport
internal import FoundationEssentials
internal import HTTPTypes

/// Asks the endpoints that give tokens out. Their requests carry secrets in their bodies, so no redirect is followed.
package struct AuthenticationClient: Sendable {
    private let baseURL: APIBaseURL
    private let transport: RecordedTransport

    package init(baseURL: APIBaseURL, transport: any HTTPTransport, statistics: RequestStatistics, time: TimeSource) {
        self.baseURL = baseURL
        self.transport = RecordedTransport(transport: transport, statistics: statistics, time: time)
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
        let request = TransferRequest(
            method: .post, url: baseURL.url(path: name.template.split(separator: "/").map(String.init), query: []),
            headerFields: [.accept: "application/json", .contentType: "application/json"], body: Array(encoded),
            bearerToken: bearer?.secret, maximumResponseBytes: AnswerLimits.tokens.bytes, followsRedirects: false)
        let response: TransferResponse
        do {
            response = try await transport.execute(request, to: name)
        } catch {
            throw AccessTokenError("\(name): \(error)")
        }
        let isSuccess = response.status.kind == .successful
        if isSuccess, let tokens = GrantedTokens(body: response.body), tokens.success != false, tokens.accessToken != nil {
            return tokens
        }
        let problem = isSuccess ? "the answer holds no access token" : "HTTP \(response.status.code)"
        let said = ErrorEnvelope(body: response.body)?.text.map { spoken($0, hiding: secret) }
        throw AccessTokenError("\(name): \(problem)", said: said)
    }
}

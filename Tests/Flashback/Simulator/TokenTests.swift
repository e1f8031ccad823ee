import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

@Suite struct TokenTests {
    private let time = TestTime()
    private let simulation: FlashbackSimulation

    init() {
        simulation = .make(time: time)
    }

    private static let login = #"{"email":"operator@example.com","password":"simulated-password"}"#

    private func logIn() async throws -> (access: String, refresh: String) {
        let answer = try await simulation.post("/user/login", Self.login, token: nil).object()
        return (try #require(answer["accessToken"] as? String), try #require(answer["refreshToken"] as? String))
    }

    @Test(arguments: [
        "GET /bucket", "GET /bucket/stats", "GET /bucket/available", "GET /bucket/x/status", "POST /bucket/x/stats",
        "POST /bucket",
        "PUT /bucket/x", "DELETE /bucket/x", "POST /bucket/x/validate",
    ])
    func everyBucketEndpointRequiresAToken(request: String) async throws {
        let parts = request.split(separator: " ")
        let method = try #require(HTTPRequest.Method(String(parts[0])))
        for token in [nil, "unknown"] {
            let reply = await simulation.send(method, String(parts[1]), token: token)
            #expect(reply.status == 401)
            #expect(keys(try reply.object()) == ["success", "message"])
        }
    }

    @Test func loginReturnsWebTokensThatLastAnHour() async throws {
        let answer = try await simulation.post("/user/login", Self.login, token: nil).object()
        #expect(keys(answer) == ["success", "accessToken", "refreshToken", "tokenId", "expiresAt", "user"])
        #expect(keys(try #require(answer["user"] as? [String: Any])) == ["id", "email", "name", "orgId"])
        let token = try #require(answer["accessToken"] as? String)
        let parts = token.split(separator: ".")
        #expect(parts.count == 3)
        let claims = try claims(token)
        let now = Int(time.now.timeIntervalSince1970)
        #expect(claims["iat"] as? Int == now)
        #expect(claims["exp"] as? Int == now + 3600)
        #expect(answer["expiresAt"] as? Int == now + 3600)
        #expect(await simulation.get("/bucket", token: token).status == 200)
        time.advance(by: 3599.999)
        #expect(await simulation.get("/bucket", token: token).status == 200)
        time.advance(by: 0.001)
        #expect(await simulation.get("/bucket", token: token).status == 401)
        #expect(await simulation.get("/bucket").status == 200)
    }

    @Test func wrongCredentialsAreRefused() async {
        #expect(
            await simulation.post("/user/login", #"{"email":"operator@example.com","password":"x"}"#, token: nil).status == 401)
        #expect(await simulation.post("/user/login", #"{"email":"x","password":"simulated-password"}"#, token: nil).status == 401)
        #expect(await simulation.post("/user/login", #"{"email":"x"}"#, token: nil).status == 400)
        #expect(await simulation.post("/user/login", "", token: nil).status == 400)
    }

    @Test(arguments: ["refreshToken", "refresh_token"])
    func refreshTokenRotates(name: String) async throws {
        let (_, refresh) = try await logIn()
        time.advance(by: 7200)
        let reply = await simulation.post("/user/refresh", #"{"\#(name)":"\#(refresh)"}"#, token: nil)
        #expect(keys(try reply.object()) == ["success", "accessToken", "refreshToken", "expiresAt"])
        let access = try #require(try reply.object()["accessToken"] as? String)
        #expect(await simulation.get("/bucket", token: access).status == 200)
        let next = try #require(try reply.object()["refreshToken"] as? String)
        #expect(next != refresh)
        #expect(await simulation.post("/user/refresh", #"{"\#(name)":"\#(refresh)"}"#, token: nil).status == 401)
        #expect(await simulation.post("/user/refresh", #"{"\#(name)":"\#(next)"}"#, token: nil).status == 200)
    }

    @Test func unchangedRefreshTokenIsOmitted() async throws {
        simulation.configuration.rotatesRefreshTokens = false
        let (_, refresh) = try await logIn()
        for _ in 0..<2 {
            let reply = await simulation.post("/user/refresh", #"{"refreshToken":"\#(refresh)"}"#, token: nil)
            #expect(keys(try reply.object()) == ["success", "accessToken", "expiresAt"])
        }
    }

    @Test func refreshTokenExpires() async throws {
        let (_, refresh) = try await logIn()
        time.advance(by: 30 * 86_400)
        #expect(await simulation.post("/user/refresh", #"{"refreshToken":"\#(refresh)"}"#, token: nil).status == 401)
        #expect(await simulation.post("/user/refresh", "{}", token: nil).status == 400)
    }

    @Test func refreshCanRequireAnAccessToken() async throws {
        simulation.configuration.refreshNeedsAccessToken = true
        let (access, refresh) = try await logIn()
        time.advance(by: 7200)
        let body = #"{"refreshToken":"\#(refresh)"}"#
        #expect(await simulation.post("/user/refresh", body, token: nil).status == 401)
        #expect(await simulation.post("/user/refresh", body, token: access).status == 200)
    }

    @Test func refreshCanCheckTheAccessToken() async throws {
        simulation.configuration.refreshChecksAccessToken = true
        let (access, refresh) = try await logIn()
        let body = #"{"refreshToken":"\#(refresh)"}"#
        time.advance(by: 7200)
        #expect(await simulation.post("/user/refresh", body, token: access).status == 401)
        #expect(await simulation.post("/user/refresh", body, token: nil).status == 200)
    }

    @Test func tokensCanBeRevoked() async throws {
        let tokens = simulation.issueTokens()
        #expect(await simulation.get("/bucket", token: tokens.accessToken).status == 200)
        simulation.revokeTokens()
        #expect(await simulation.get("/bucket", token: tokens.accessToken).status == 401)
        let body = #"{"refreshToken":"\#(tokens.refreshToken)"}"#
        simulation.revokeTokens(refreshTokens: true)
        #expect(await simulation.post("/user/refresh", body, token: nil).status == 401)
    }

    @Test func restrictedTokenSeesItsWorkspaces() async throws {
        simulation.configuration.restrictedTokens = ["narrow": ["workspace-1"]]
        let rows = try await simulation.get("/bucket", token: "narrow").rows("buckets")
        #expect(!rows.isEmpty && rows.allSatisfy { $0["workspaceId"] as? String == "workspace-1" })
        #expect(try await simulation.get("/bucket/stats", token: "narrow").rows("stats").count == rows.count)
        let other = try #require(simulation.buckets.first { $0.workspaceID == "workspace-2" })
        #expect(await simulation.get("/bucket/\(other.id)/status", token: "narrow").status == 403)
    }

    private func claims(_ token: String) throws -> [String: Any] {
        var text = String(token.split(separator: ".")[1]).replacing("-", with: "+").replacing("_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        let data = try #require(Data(base64Encoded: text))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}

import Basics
import FlashbackAPI
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

@Suite struct RefreshTokenGrantTests {
    private static let refreshEndpoint = "/user/refresh"

    @Test func rotatedTokenIsStoredBeforeTheAccessTokenIsUsed() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("refresh-0\n", to: "token")
            try folder.setMode(0o600, of: "token")
            // The content of the file when each request arrives.
            let seen = NIOLockedValueBox<[String]>([])
            let stub = StubTransport { request throws(TransferError) in
                let text = (try? folder.text(of: "token")) ?? ""
                let number = seen.withLockedValue { seen in
                    seen.append(request.url.hasSuffix(Self.refreshEndpoint) ? "refresh: \(text)" : "call: \(text)")
                    return seen.count
                }
                guard request.url.hasSuffix(Self.refreshEndpoint) else {
                    let isExpired = request.bearerToken?.reveal() == "access-1"
                    return TransferResponse(status: isExpired ? .unauthorized : .ok, body: Array(#"{"buckets": []}"#.utf8))
                }
                return TransferResponse(
                    status: .ok, body: Array(#"{"accessToken": "access-\#(number)", "refreshToken": "refresh-\#(number)"}"#.utf8))
            }
            try await SimulatedTime.run { time in
                let log = RecordedLog()
                let client = try client(stub, folder, time, log)
                _ = try await client.send(ListBuckets())
                #expect(
                    seen.withLockedValue { $0 } == [
                        // The bucket list, and two other lists that might accept the token.
                        "refresh: refresh-0\n", "call: refresh-1\n", "call: refresh-1\n", "call: refresh-1\n",
                        "refresh: refresh-1\n", "call: refresh-5\n",
                    ])
                #expect(try folder.mode(of: "token") == 0o600)
            }
            #expect(
                stub.requests.map { $0.bearerToken?.reveal() } == [nil] + Array(repeating: "access-1", count: 4) + ["access-5"])
        }
    }

    @Test func requestHasBothFieldSpellingsAndFollowsNoRedirect() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("canary-refresh", to: "token")
            let stub = StubTransport(#"{"accessToken": "access"}"#)
            try await SimulatedTime.run { time in
                _ = try? await client(stub, folder, time, RecordedLog()).send(ListBuckets())
            }
            let request = try #require(stub.requests.first)
            let body = try JSONDecoder().decode([String: String].self, from: Data(request.body ?? []))
            #expect(body == ["refreshToken": "canary-refresh", "refresh_token": "canary-refresh"])
            #expect(request.method == .post)
            #expect(request.headerFields[.contentType] == "application/json")
            #expect(!request.followsRedirects && !request.isRepeatable)
            #expect(!request.url.contains("canary"))
        }
    }

    /// An API may check the access token that is sent along, which has expired after hours without requests.
    @Test func rejectedAccessTokenIsOmitted() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("refresh", to: "token")
            let stub = StubTransport { request throws(TransferError) in
                TransferResponse(
                    status: request.bearerToken == nil ? .ok : .unauthorized, body: Array(#"{"accessToken": "access"}"#.utf8))
            }
            try await SimulatedTime.run { time in
                let grant = try RefreshTokenGrant(
                    path: folder.path("token"), client: .simulated(stub, time), logger: RecordedLog().logger)
                let expired = try AccessToken(parsing: "expired")
                #expect(try await grant.token(after: expired).secret == Secret("access"))
            }
            #expect(stub.requests.map { $0.bearerToken?.reveal() } == ["expired", nil])
        }
    }

    @Test(arguments: [400, 403, 429, 500])
    func otherFailuresAreNotRepeatedWithoutTheAccessToken(_ status: Int) async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("refresh", to: "token")
            let stub = StubTransport("{}", status: .init(code: status))
            try await SimulatedTime.run { time in
                let grant = try RefreshTokenGrant(
                    path: folder.path("token"), client: .simulated(stub, time), logger: RecordedLog().logger)
                let current = try AccessToken(parsing: "current")
                await #expect(throws: AccessTokenError.self) { try await grant.token(after: current) }
            }
            #expect(stub.requests.count == 1)
        }
    }

    @Test(
        arguments: [
            #"{"success": true, "accessToken": "access", "refreshToken": "rotated", "expiresAt": 1}"#,
            #"{"token": "access", "refreshToken": "rotated"}"#,
            #"{"access_token": "access", "refresh_token": "rotated"}"#,
        ])
    func everySpellingOfTheAnswerIsDecoded(_ answer: String) async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("refresh", to: "token")
            let stub = StubTransport(answer)
            try await SimulatedTime.run { time in
                let grant = try RefreshTokenGrant(
                    path: folder.path("token"), client: .simulated(stub, time), logger: RecordedLog().logger)
                #expect(try await grant.token(after: nil).secret == Secret("access"))
            }
            #expect(try folder.text(of: "token") == "rotated\n")
        }
    }

    @Test func rotatedTokenIsStoredEvenWithAnInvalidAccessToken() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("refresh", to: "token")
            let stub = StubTransport(#"{"accessToken": "two words", "refreshToken": "rotated"}"#)
            try await SimulatedTime.run { time in
                let grant = try RefreshTokenGrant(
                    path: folder.path("token"), client: .simulated(stub, time), logger: RecordedLog().logger)
                await #expect(throws: AccessTokenError.self) { try await grant.token(after: nil) }
            }
            #expect(try folder.text(of: "token") == "rotated\n")
        }
    }

    @Test func fileIsUntouchedWithoutRotation() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("refresh", to: "token")
            for answer in [
                #"{"accessToken": "access"}"#, #"{"accessToken": "access", "refreshToken": ""}"#,
                #"{"accessToken": "access", "refreshToken": "refresh"}"#,
            ] {
                try await SimulatedTime.run { time in
                    let grant = try RefreshTokenGrant(
                        path: folder.path("token"), client: .simulated(StubTransport(answer), time),
                        logger: RecordedLog().logger)
                    _ = try await grant.token(after: nil)
                }
                #expect(try folder.text(of: "token") == "refresh")
            }
        }
    }

    @Test func unwritableFileIsLoggedAndServiceContinues() async throws {
        try await TemporaryDirectory.with { folder in
            // A link into a folder that is removed after the start: reading has worked, writing will fail.
            try FileManager.default.createDirectory(atPath: folder.path("mount"), withIntermediateDirectories: true)
            try folder.write("canary-0", to: "mount/token")
            try FileManager.default.createDirectory(atPath: folder.path("mount/token.new"), withIntermediateDirectories: true)
            try folder.write("", to: "mount/token.new/in the way")
            let sent = NIOLockedValueBox<[String]>([])
            let stub = StubTransport { request throws(TransferError) in
                let body = (try? JSONDecoder().decode([String: String].self, from: Data(request.body ?? []))) ?? [:]
                let number = sent.withLockedValue { sent in
                    sent.append(body["refreshToken"] ?? "")
                    return sent.count
                }
                return TransferResponse(
                    status: .ok, body: Array(#"{"accessToken": "access-\#(number)", "refreshToken": "canary-\#(number)"}"#.utf8))
            }
            let log = RecordedLog()
            try await SimulatedTime.run { time in
                let grant = try RefreshTokenGrant(
                    path: folder.path("mount/token"), client: .simulated(stub, time), logger: log.logger)
                for _ in 0..<3 { _ = try await grant.token(after: nil) }
                #expect(sent.withLockedValue { $0 } == ["canary-0", "canary-1", "canary-2"])
                // A file that is put back is used again.
                try folder.write("canary-new", to: "mount/token")
                _ = try await grant.token(after: nil)
                #expect(sent.withLockedValue { $0.last } == "canary-new")
                // A file that becomes writable again is used again.
                try FileManager.default.removeItem(atPath: folder.path("mount/token.new"))
                _ = try await grant.token(after: nil)
                #expect(try folder.text(of: "mount/token") == "canary-5\n")
            }
            #expect(log.lines(with: "error").count == 4)
            #expect(log.lines(with: "canary").isEmpty)
        }
    }

    @Test(
        arguments: [
            (401, #"{"success": false, "message": "bad token canary-refresh"}"#), (200, #"{"success": false, "message": "no"}"#),
            (200, #"{"success": true}"#), (200, "<html>"), (500, ""), (200, #"{"accessToken": ""}"#),
            (200, #"{"accessToken": "two words"}"#),
        ])
    func refusalHasTheAPIsMessageWithoutTheToken(_ status: Int, _ body: String) async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("canary-refresh", to: "token")
            let stub = StubTransport(body, status: .init(code: status))
            try await SimulatedTime.run { time in
                let grant = try RefreshTokenGrant(
                    path: folder.path("token"), client: .simulated(stub, time), logger: RecordedLog().logger)
                let error = await #expect(throws: AccessTokenError.self) { try await grant.token(after: nil) }
                #expect(error?.description.contains("canary") == false)
                #expect(error?.description.contains("\n") == false)
            }
            #expect(try folder.text(of: "token") == "canary-refresh")
        }
    }

    @Test(arguments: ["", " \n\n"])
    func fileWithoutTokenIsRefusedAtTheStart(_ text: String) async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write(text, to: "token")
            let time = ManualTime()
            #expect(throws: AccessTokenError.self) {
                try RefreshTokenGrant(
                    path: folder.path("token"), client: .simulated(StubTransport(""), time), logger: RecordedLog().logger)
            }
        }
    }

    private func client(
        _ transport: any HTTPTransport, _ folder: TemporaryDirectory, _ time: ManualTime, _ log: RecordedLog
    ) throws -> FlashbackClient {
        let grant = try RefreshTokenGrant(
            path: folder.path("token"), client: .simulated(transport, time), logger: log.logger)
        return FlashbackClient(
            baseURL: .simulated, transport: transport,
            tokens: RenewedAccessToken(grant, time: time.source, logger: log.logger),
            budget: RequestBudget(limit: 4, time: time.source), time: time.source)
    }
}

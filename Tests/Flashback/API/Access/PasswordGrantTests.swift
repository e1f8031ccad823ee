import FlashbackAPI
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPTypes
import TestSupport
import TestTools
import Testing

@Suite struct PasswordGrantTests {
    @Test func logsInWithTheFirstLineOfTheFileAndItsChanges() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("wrong\n", to: "password")
            try await SimulatedTime.run { time in
                let account = try account(time, folder, email: "operator@example.com")
                await #expect(throws: APIError.self) { try await account.client.send(ListBuckets()) }
                try folder.write("simulated-password\n# not this line\n", to: "password")
                try await time.sleep(for: .seconds(5))
                #expect(try await account.client.send(ListBuckets()).rows.count == 20)
                #expect(account.requests("POST /user/login", code: "401") == 1)
                #expect(account.requests("POST /user/login", code: "200") == 1)
            }
        }
    }

    @Test func errorsAndLogContainNoSecrets() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("canary-password", to: "password")
            let stub = StubTransport(
                #"{"success": false, "message": "canary-password is wrong for\u000a\u001b[31mred"}"#, status: .unauthorized)
            try await SimulatedTime.run { time in
                let log = RecordedLog()
                let tokens = RenewedAccessToken(
                    try PasswordGrant(
                        email: "someone@example.com", passwordPath: folder.path("password"), client: .simulated(stub, time)),
                    time: time.source, logger: log.logger)
                let error = await #expect(throws: AccessTokenError.self) { try await tokens.accessToken() }
                for text in [error?.description ?? ""] + log.lines {
                    #expect(!text.contains("canary"))
                    #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
                }
                #expect(log.lines.count == 1)
            }
            let body = try JSONDecoder().decode([String: String].self, from: Data(stub.requests.first?.body ?? []))
            #expect(body == ["email": "someone@example.com", "password": "canary-password"])
        }
    }

    @Test func missingOrEmptyFileIsRefusedAtTheStart() async throws {
        try await TemporaryDirectory.with { folder in
            let client = AuthenticationClient.simulated(StubTransport(""), ManualTime())
            let path = folder.path("password")
            #expect(throws: AccessTokenError.self) { try PasswordGrant(email: "a@b", passwordPath: path, client: client) }
            try folder.write("\n", to: "password")
            #expect(throws: AccessTokenError.self) { try PasswordGrant(email: "a@b", passwordPath: path, client: client) }
        }
    }

    private func account(_ time: ManualTime, _ folder: TemporaryDirectory, email: String) throws -> SimulatedAccount {
        try SimulatedAccount(
            time: time,
            tokens: { authentication, _, logger in
                RenewedAccessToken(
                    try PasswordGrant(email: email, passwordPath: folder.path("password"), client: authentication),
                    time: time.source, logger: logger)
            })
    }
}

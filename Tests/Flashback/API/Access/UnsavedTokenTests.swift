import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

/// A renewed token that temporarily cannot be written to its file.
@Suite struct UnsavedTokenTests {
    @Test func savedOnceThatWorks() async throws {
        try await Self.unsaved { folder, tokens, time, log in
            #expect(await tokens.report.isUnsaved)
            try await time.sleep(for: .seconds(10))
            _ = try await tokens.accessToken()
            #expect(await tokens.report.isUnsaved)

            try folder.allowWriting()
            // Not on each request, since a disk may take long to fail.
            try await time.sleep(for: .seconds(9))
            _ = try await tokens.accessToken()
            #expect(await tokens.report.isUnsaved)
            try await time.sleep(for: .seconds(1))
            _ = try await tokens.accessToken()
            #expect(await !tokens.report.isUnsaved)
            #expect(try folder.text(of: "token") == "rotated-1\n")
            #expect(log.lines(with: "error").count == 1)
            #expect(log.lines(with: "saved the new refresh token").count == 1)
            #expect(log.lines(with: "rotated-1").isEmpty)
        }
    }

    @Test func savedAtTheEnd() async throws {
        try await Self.unsaved { folder, tokens, _, _ in
            try folder.allowWriting()
            await tokens.finish()
            #expect(try folder.text(of: "token") == "rotated-1\n")
        }
    }

    @Test func tokenOfAnOperatorIsKept() async throws {
        try await Self.unsaved { folder, tokens, _, _ in
            try folder.allowWriting()
            try folder.write("provided\n", to: "token")
            #expect(await tokens.save())
            #expect(try folder.text(of: "token") == "provided\n")
        }
    }

    @Test func fileThatAnOperatorIsWritingIsNotReplaced() async throws {
        try await Self.unsaved { folder, tokens, _, _ in
            try folder.allowWriting()
            try folder.write("", to: "token")
            #expect(await !tokens.save())
            #expect(try folder.text(of: "token") == "")
        }
    }

    @Test func missingFileIsCreatedAgain() async throws {
        try await Self.unsaved { folder, tokens, _, _ in
            try folder.allowWriting()
            try FileManager.default.removeItem(atPath: folder.path("token"))
            #expect(await tokens.save())
            #expect(try folder.text(of: "token") == "rotated-1\n")
        }
    }

    @Test func deletedFileIsWrittenAgainAtTheNextRenewal() async throws {
        try await Self.unsaved { folder, tokens, time, _ in
            try folder.allowWriting()
            #expect(await tokens.save())
            try FileManager.default.removeItem(atPath: folder.path("token"))
            let current = try await tokens.accessToken()
            #expect(try await tokens.replacement(for: current) != current)
            #expect(try folder.text(of: "token") == "rotated-2\n")
        }
    }

    @Test func limitedFinishCancelsARenewalThatTakesLonger() async throws {
        try await SimulatedTime.run { time in
            let log = RecordedLog()
            let tokens = RenewedAccessToken(EndlessGrant(time), time: time.source, logger: log.logger)
            let token = Task { try await tokens.accessToken() }
            try await time.sleep(for: .seconds(1))
            await tokens.finish(within: .seconds(4))
            #expect(time.uptime == .seconds(5))
            await #expect(throws: AccessTokenError.self) { try await token.value }
            #expect(log.lines(with: "interrupted the renewal").count == 1)
        }
    }

    private static func unsaved(
        _ body: @escaping @Sendable (TemporaryDirectory, RenewedAccessToken, ManualTime, RecordedLog) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("first\n", to: "token")
            try folder.forbidWriting()
            let count = NIOLockedValueBox(0)
            let stub = StubTransport { _ throws(TransferError) in
                let number = count.withLockedValue { count in
                    count += 1
                    return count
                }
                return TransferResponse(
                    status: .ok,
                    body: Array(#"{"accessToken": "access-\#(number)", "refreshToken": "rotated-\#(number)"}"#.utf8))
            }
            try await SimulatedTime.run { time in
                let log = RecordedLog()
                let grant = try RefreshTokenGrant(
                    path: folder.path("token"), client: .simulated(stub, time), logger: log.logger)
                let tokens = RenewedAccessToken(grant, time: time.source, logger: log.logger)
                _ = try await tokens.accessToken()
                try await body(folder, tokens, time, log)
            }
        }
    }

    /// A grant that never answers.
    private struct EndlessGrant: AccessTokenGrant {
        let time: ManualTime

        init(_ time: ManualTime) { self.time = time }

        func token(after current: AccessToken?) async throws(AccessTokenError) -> AccessToken {
            do { try await time.source.sleep(until: .seconds(3600)) } catch { throw AccessTokenError("cancelled") }
            throw AccessTokenError("too late")
        }
    }
}

extension TemporaryDirectory {
    /// Root may write everywhere, but cannot replace a directory with a file.
    fileprivate func forbidWriting() throws {
        try FileManager.default.createDirectory(atPath: path("token.new"), withIntermediateDirectories: true)
        try write("", to: "token.new/in the way")
    }

    fileprivate func allowWriting() throws { try FileManager.default.removeItem(atPath: path("token.new")) }
}

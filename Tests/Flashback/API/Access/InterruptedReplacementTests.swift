import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

/// The state after a run was killed between writing the new token beside the file and renaming it.
@Suite struct InterruptedReplacementTests {
    @Test func leftTokenIsUsedAndPutInPlace() async throws {
        let run = try await Run(left: "left\n") { _ in Run.granting("rotated") }
        #expect(run.sent == ["left"])
        #expect(run.file == "rotated\n")
        #expect(run.names == ["token"])
        #expect(run.log.lines(with: "recovered the refresh token").count == 1)
    }

    @Test(arguments: [nil, "left"])
    func leftTokenThatIsNotRotatedIsPutInPlace(_ answered: String?) async throws {
        let run = try await Run(left: "left\n") { _ in Run.granting(answered) }
        #expect(run.sent == ["left"])
        #expect(run.file == "left\n")
        #expect(run.names == ["token"])
    }

    @Test(arguments: [400, 401, 403])
    func refusedLeftTokenIsReplacedByTheOneInTheFile(_ status: Int) async throws {
        let run = try await Run(left: "left\n") { $0 == "left" ? Run.refusing(status) : Run.granting(nil) }
        #expect(run.sent == ["left", "file"])
        #expect(run.file == "file\n")
        #expect(run.names == ["token"])
        #expect(run.error == nil)
    }

    @Test(arguments: [429, 500, 503])
    func outageKeepsTheLeftToken(_ status: Int) async throws {
        let run = try await Run(left: "left\n") { _ in Run.refusing(status) }
        #expect(run.sent == ["left"])
        #expect(run.file == "file\n")
        #expect(run.names == ["token", "token.new"])
        #expect(run.error?.description.contains("HTTP \(status)") == true)
    }

    @Test(arguments: ["", "\n", "lef", "two words\n", "two\nlines\n"])
    func incompleteOrInvalidContentIsIgnored(_ left: String) async throws {
        let run = try await Run(left: left) { _ in Run.granting(nil) }
        #expect(run.sent == ["file"])
        #expect(run.file == "file\n")
    }

    @Test func tokenThatWasProvidedLaterTakesPrecedence() async throws {
        let run = try await Run(left: "left\n", leftAt: Date(timeIntervalSinceNow: -60)) { _ in Run.granting(nil) }
        #expect(run.sent == ["file"])
    }

    @Test func linkIsIgnored() async throws {
        let run = try await Run(linkTo: "elsewhere", content: "planted\n") { _ in Run.granting(nil) }
        #expect(run.sent == ["file"])
    }

    /// One renewal with a token in the file and leftover content beside it.
    private struct Run {
        var sent: [String] = []
        var file = ""
        var names: [String] = []
        var error: AccessTokenError?
        let log = RecordedLog()

        init(left: String, leftAt: Date? = nil, answer: @escaping @Sendable (String) -> TransferResponse) async throws {
            try await self.init(answer: answer) { folder in
                try folder.write(left, to: "token.new")
                guard let leftAt else { return }
                try FileManager.default.setAttributes([.modificationDate: leftAt], ofItemAtPath: folder.path("token.new"))
            }
        }

        init(linkTo name: String, content: String, answer: @escaping @Sendable (String) -> TransferResponse) async throws {
            try await self.init(answer: answer) { folder in
                try folder.write(content, to: name)
                try FileManager.default.createSymbolicLink(
                    atPath: folder.path("token.new"), withDestinationPath: folder.path(name))
            }
        }

        private init(
            answer: @escaping @Sendable (String) -> TransferResponse, leaving: (TemporaryDirectory) throws -> Void
        ) async throws {
            let folder = try TemporaryDirectory()
            try folder.write("file\n", to: "token")
            try leaving(folder)
            let asked = NIOLockedValueBox<[String]>([])
            let stub = StubTransport { request throws(TransferError) in
                let body = (try? JSONDecoder().decode([String: String].self, from: Data(request.body ?? []))) ?? [:]
                let token = body["refreshToken"] ?? ""
                asked.withLockedValue { $0.append(token) }
                return answer(token)
            }
            let time = ManualTime()
            let grant = try RefreshTokenGrant(
                path: folder.path("token"), client: .simulated(stub, time), logger: log.logger)
            do throws(AccessTokenError) { _ = try await grant.token(after: nil) } catch { self.error = error }
            sent = asked.withLockedValue { $0 }
            file = try folder.text(of: "token")
            names = try folder.names().sorted()
        }

        static func granting(_ refreshToken: String?) -> TransferResponse {
            let rotated = refreshToken.map { #", "refreshToken": "\#($0)""# } ?? ""
            return TransferResponse(status: .ok, body: Array(#"{"accessToken": "access"\#(rotated)}"#.utf8))
        }

        static func refusing(_ status: Int) -> TransferResponse {
            TransferResponse(status: .init(code: status), body: Array(#"{"message": "no"}"#.utf8))
        }
    }
}

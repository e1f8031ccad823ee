import Configuration
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import ExporterWeb

@Suite struct BasicAuthenticationTests {
    private static let dave = "$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq"
    private static let alice = "$2y$12$1DpfPeqF9HzHJt.EWswy1exHluGfbhnn3yXhR7Xes6m3WJqFg0Wby"

    private func users(_ hashes: [(String, String)]) throws -> BasicAuthenticationUsers {
        let text = hashes.map { "\($0.0): \($0.1)\n" }.joined()
        return try BasicAuthenticationUsers(try YAMLDocument.read(Array(text.utf8)))
    }

    private func header(_ name: String, _ password: String) -> String {
        "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()
    }

    /// Stands in for bcrypt: knows every hash's password, and what was asked.
    private final class Verifier: Sendable {
        let checks = NIOLockedValueBox<[(hash: BcryptHash, password: String)]>([])
        let passwords: [BcryptHash: String]

        init(_ passwords: [(String, String)]) {
            self.passwords = Dictionary(
                uniqueKeysWithValues: passwords.compactMap { hash, password in BcryptHash(hash).map { ($0, password) } })
        }

        func verify(_ hash: BcryptHash, _ password: [UInt8]) -> Bool {
            let password = String(decoding: password, as: UTF8.self)
            checks.withLockedValue { $0.append((hash, password)) }
            return passwords[hash] == password
        }

        var count: Int { checks.withLockedValue { $0.count } }
    }

    @Test func realVerifierAcceptsTheRightPasswordOnly() async throws {
        let authentication = BasicAuthentication()
        let users = try users([("dave", Self.dave)])
        #expect(await authentication.judge(authorization: header("dave", "dave123"), among: users) == .accepted)
        #expect(await authentication.judge(authorization: header("dave", "dave123"), among: users) == .accepted)
        #expect(await authentication.judge(authorization: header("dave", "dave124"), among: users) == .refused)
        #expect(await authentication.judge(authorization: header("Dave", "dave123"), among: users) == .refused)
        #expect(await authentication.judge(authorization: header("nobody", "dave123"), among: users) == .refused)
        #expect(await authentication.judge(authorization: nil, among: users) == .refused)
        #expect(await authentication.judge(authorization: "Bearer x", among: users) == .refused)
    }

    @Test func verifiedPasswordIsCached() async throws {
        let verifier = Verifier([(Self.dave, "right")])
        let authentication = BasicAuthentication { verifier.verify($0, $1) }
        let users = try users([("dave", Self.dave)])
        for _ in 0..<3 {
            #expect(await authentication.judge(authorization: header("dave", "right"), among: users) == .accepted)
        }
        #expect(verifier.count == 1)
        for _ in 0..<3 {
            #expect(await authentication.judge(authorization: header("dave", "wrong"), among: users) == .refused)
        }
        // Wrong ones are checked each time.
        #expect(verifier.count == 4)
    }

    @Test func anotherUserOrHashIsVerifiedAgain() async throws {
        let verifier = Verifier([(Self.dave, "right"), (Self.alice, "new")])
        let authentication = BasicAuthentication { verifier.verify($0, $1) }
        #expect(
            await authentication.judge(authorization: header("dave", "right"), among: try users([("dave", Self.dave)]))
                == .accepted)
        // The password has changed.
        let changed = try users([("dave", Self.alice)])
        #expect(await authentication.judge(authorization: header("dave", "right"), among: changed) == .refused)
        #expect(await authentication.judge(authorization: header("dave", "new"), among: changed) == .accepted)
        // The user is gone, and comes back.
        let others = try users([("alice", Self.alice)])
        #expect(await authentication.judge(authorization: header("dave", "new"), among: others) == .refused)
        #expect(await authentication.judge(authorization: header("alice", "new"), among: others) == .accepted)
        let count = verifier.count
        #expect(await authentication.judge(authorization: header("dave", "new"), among: changed) == .accepted)
        #expect(verifier.count == count + 1)
    }

    @Test func unknownUserCostsACheckAndIsRefused() async throws {
        let verifier = Verifier([(Self.dave, "right"), (Self.alice, "right")])
        let authentication = BasicAuthentication { verifier.verify($0, $1) }
        let users = try users([("dave", Self.dave), ("alice", Self.alice)])
        #expect(await authentication.judge(authorization: header("nobody", "right"), among: users) == .refused)
        #expect(await authentication.judge(authorization: header("nobody", "right"), among: users) == .refused)
        let hashes = verifier.checks.withLockedValue { $0.map(\.hash) }
        // Twice the same one, so that one name always takes the same time.
        #expect(hashes.count == 2 && hashes[0] == hashes[1])
        // Each of the costs is used for some unknown names.
        let costs = Set((0..<200).compactMap { users.substitute(for: Array("user\($0)".utf8))?.cost })
        #expect(costs == [10, 12])
    }

    @Test func oneCheckRunsAtATimeAndFewWait() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let running = NIOLockedValueBox((now: 0, most: 0, all: 0))
        let authentication = BasicAuthentication { _, _ in
            running.withLockedValue {
                $0.now += 1
                $0.all += 1
                $0.most = max($0.most, $0.now)
            }
            for await _ in gates { break }
            running.withLockedValue { $0.now -= 1 }
            return false
        }
        let users = try users([("dave", Self.dave)])
        let places = BasicAuthentication.maximumWaiting + 1
        let verdicts = await withTaskGroup(of: BasicAuthentication.Verdict.self) { group in
            for attempt in 0..<places + 5 {
                group.addTask { [header = header("dave", "wrong\(attempt)")] in
                    await authentication.judge(authorization: header, among: users)
                }
            }
            var verdicts: [BasicAuthentication.Verdict] = []
            // Requests without a place are refused at once.
            for _ in 0..<5 { if let verdict = await group.next() { verdicts.append(verdict) } }
            #expect(verdicts.allSatisfy { $0 == .busy })
            for _ in 0..<places { gate.yield() }
            for await verdict in group { verdicts.append(verdict) }
            return verdicts
        }
        #expect(verdicts.filter { $0 == .busy }.count == 5)
        #expect(verdicts.filter { $0 == .refused }.count == places)
        #expect(running.withLockedValue { $0.most } == 1)
        #expect(running.withLockedValue { $0.all } == places)
    }

    @Test func verifiedUserDoesNotWaitForOthers() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let authentication = BasicAuthentication { _, password in
            if password == Array("right".utf8) { return true }
            start.yield()
            for await _ in gates { break }
            return false
        }
        let users = try users([("dave", Self.dave)])
        #expect(await authentication.judge(authorization: header("dave", "right"), among: users) == .accepted)
        async let attack = authentication.judge(authorization: header("dave", "guess"), among: users)
        for await _ in started { break }
        #expect(await authentication.judge(authorization: header("dave", "right"), among: users) == .accepted)
        gate.yield()
        #expect(await attack == .refused)
    }

    @Test func cacheDoesNotContainThePassword() async throws {
        let verifier = Verifier([(Self.dave, "canary")])
        let authentication = BasicAuthentication { verifier.verify($0, $1) }
        #expect(
            await authentication.judge(authorization: header("dave", "canary"), among: try users([("dave", Self.dave)]))
                == .accepted)
        var dumped = ""
        dump(authentication, to: &dumped)
        #expect(!dumped.contains("canary"))
        #expect(RememberedPasswords.setting() != RememberedPasswords.setting())
    }
}

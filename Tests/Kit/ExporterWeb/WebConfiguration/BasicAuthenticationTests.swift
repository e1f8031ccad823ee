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

    /// Replaces bcrypt: knows the password of every hash, and records the checks.
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
        // Wrong passwords are checked each time.
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
        // The user is removed and added again.
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
        // The same one twice, so that a given name always takes the same time.
        #expect(hashes.count == 2 && hashes[0] == hashes[1])
        // Each cost is used for some unknown names.
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
            // Requests without a place are rejected at once.
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

    /// bcrypt uses only the first 72 bytes of a password. The digest, which each guess costs, must not take longer for more bytes, and must
    /// not tell passwords apart that bcrypt does not.
    @Test func longPasswordsAreDigestedAsBcryptReadsThem() throws {
        func password(_ length: Int) -> [UInt8] { (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) } }
        func digest(_ password: [UInt8]) -> RememberedPasswords.Digest? { RememberedPasswords.digest(of: password, setting) }
        let setting = RememberedPasswords.setting()
        let bytes = try #require(PasswordHashing.hash(password(72), "$2y$04$abcdefghijklmnopqrstuu"))
        let hash = try #require(BcryptHash(String(decoding: bytes, as: UTF8.self)))
        for length in [72, 73, 200, PasswordHashing.maximumPasswordBytes] {
            #expect(hash.matches(password(length)))
            #expect(digest(password(length)) != nil && digest(password(length)) == digest(password(72)))
        }
        #expect(!hash.matches(password(71)))
        #expect(digest(password(71)) != nil && digest(password(71)) != digest(password(72)))
        // These are refused, as they are by bcrypt's library.
        for refused in [
            password(PasswordHashing.maximumPasswordBytes + 1), [0], password(72) + [0], password(80) + [0] + password(9),
        ] {
            #expect(!hash.matches(refused))
            #expect(digest(refused) == nil)
        }
    }

    @Test func verifiedLongPasswordIsCached() async throws {
        let bytes = try #require(PasswordHashing.hash([UInt8](repeating: 120, count: 100), "$2y$04$abcdefghijklmnopqrstuu"))
        let users = try users([("dave", String(decoding: bytes, as: UTF8.self))])
        let checks = NIOLockedValueBox(0)
        let authentication = BasicAuthentication { hash, password in
            checks.withLockedValue { $0 += 1 }
            return hash.matches(password)
        }
        for (length, verdict, count) in [(100, BasicAuthentication.Verdict.accepted, 1), (72, .accepted, 1), (71, .refused, 2)] {
            let password = String(repeating: "x", count: length)
            #expect(await authentication.judge(authorization: header("dave", password), among: users) == verdict)
            #expect(checks.withLockedValue { $0 } == count)
        }
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

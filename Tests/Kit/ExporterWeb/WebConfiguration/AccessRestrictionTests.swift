import Foundation
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

@testable import ExporterWeb

/// Access restrictions, which a reload must not remove, because the file may be truncated.
@Suite struct AccessRestrictionTests {
    private let time = ManualTime()
    private let log = RecordedLog()

    private static let hash = "$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq"
    private static let verifying = """
        tls_server_config:
          cert_file: server.crt
          key_file: server.key
          client_auth_type: RequireAndVerifyClientCert
        """

    @Test(arguments: ["", "# nothing yet\n", "basic_auth_users:\n", "basic_auth_users: {}\n", "rate_limit: {interval: 0}\n"])
    func fileWithoutUsersDoesNotReplaceOneWithUsers(_ text: String) async throws {
        try await TemporaryDirectory.with { folder in
            let users = "basic_auth_users: {dave: \(Self.hash)}\n"
            try folder.write(users, to: "web.yml")
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log)
            try folder.write(text, to: "web.yml")
            for _ in 0..<3 { configuration.check() }
            #expect(!configuration.policy.users.isEmpty)
            #expect(!configuration.report.isSuccessful)
            #expect(
                log.lines == [
                    "warning cannot load the web configuration; keeping the previous one error=\(folder.path("web.yml")): passwords cannot be turned off (basic_auth_users is missing) while the exporter runs; restart it"
                ])
            // Other users and additional limits replace it.
            try folder.write("basic_auth_users: {carol: \(Self.hash)}\n" + rateLimit(burst: 1), to: "web.yml")
            for _ in 0..<3 { configuration.check() }
            #expect(configuration.policy.users.hash(of: Array("carol".utf8)) != nil)
            #expect(configuration.policy.users.hash(of: Array("dave".utf8)) == nil)
            #expect(configuration.report.isSuccessful)
        }
    }

    @Test(
        arguments: [
            ("", "basic_auth_users: {dave: \(hash)}", "passwords cannot be turned off (basic_auth_users is missing)"),
            (
                verifying, "\(verifying)\n  client_allowed_sans: [a]\n  client_ca_file: ca.pem",
                "client_ca cannot be removed, and client_allowed_sans cannot be removed"
            ),
        ])
    func replacementKeepsTheRestrictionsOfTheWatchedFile(_ first: String, _ restricted: String, _ says: String) async throws {
        try await TemporaryDirectory.with { folder in
            try await ServerCertificate.write(to: folder)
            let less = try LoadedWebConfiguration.written("\(first)\n", to: folder)
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log)
            let more = try LoadedWebConfiguration.written("\(restricted)\n", to: folder)
            for _ in 0..<2 { configuration.check() }
            #expect(log.lines(with: "reloaded the web configuration").count == 1)
            let refused = says + " while the exporter runs; restart it"
            #expect(configuration.replace(with: less, readAt: configuration.revision) == refused)
            // It is still active.
            #expect(configuration.replace(with: less, readAt: configuration.revision) == refused)
            #expect(configuration.replace(with: more, readAt: configuration.revision) == nil)
        }
    }

    /// The content that the watcher reads while a replacement is activated may be older than the replacement.
    @Test func replacementDuringACheckIsKept() async throws {
        try await TemporaryDirectory.with { folder in
            let restricted = try LoadedWebConfiguration.written("basic_auth_users: {dave: \(Self.hash)}\n", to: folder)
            try folder.write(rateLimit(burst: 1), to: "web.yml")
            let meanwhile = NIOLockedValueBox<(@Sendable () -> Void)?>(nil)
            let webTime = WebTime(
                uptime: { .zero },
                timestampSeconds: {
                    // The check asks for the time after it has read the file.
                    meanwhile.withLockedValue { action in
                        defer { action = nil }
                        return action
                    }?()
                    return 0
                },
                sleep: { _ in })
            let configuration = ReloadingWebConfiguration(
                try LoadedWebConfiguration(path: folder.path("web.yml")), time: webTime, logger: log.logger)
            try folder.write(rateLimit(burst: 22), to: "web.yml")
            configuration.check()
            let revision = configuration.revision
            meanwhile.withLockedValue { $0 = { #expect(configuration.replace(with: restricted, readAt: revision) == nil) } }
            configuration.check()
            #expect(!configuration.policy.users.isEmpty)
            #expect(log.lines == [])
            // The next checks find that the file differs from the replacement.
            for _ in 0..<2 { configuration.check() }
            #expect(!configuration.policy.users.isEmpty)
            #expect(log.lines(with: "passwords cannot be turned off").count == 1)
        }
    }

    /// A reload reads the file and then waits for the accounts' renewals. Meanwhile, the watcher may have activated a newer content, without a
    /// user for example.
    @Test func reloadDoesNotBringBackAnOlderContent() async throws {
        try await TemporaryDirectory.with { folder in
            _ = try LoadedWebConfiguration.written("\n", to: folder)
            let configuration = try ReloadingWebConfiguration(watching: folder, time, log)
            let revision = configuration.revision
            let older = try LoadedWebConfiguration.written(
                "basic_auth_users: {dave: \(Self.hash), erin: \(Self.hash)}\n", to: folder)
            _ = try LoadedWebConfiguration.written("basic_auth_users: {dave: \(Self.hash)}\n", to: folder)
            for _ in 0..<2 { configuration.check() }
            #expect(configuration.revision == revision + 1)
            #expect(configuration.replace(with: older, readAt: revision) == nil)
            #expect(configuration.policy.users.hash(of: Array("erin".utf8)) == nil)
            #expect(configuration.policy.users.hash(of: Array("dave".utf8)) != nil)
        }
    }

    /// No truncation of a file admits a client that the complete file rejects.
    @Test func truncatedFileNeverLetsMoreClientsIn() async throws {
        let restrictions = [
            "cert_file: server.crt", "RequireAndVerifyClientCert", "client_ca_file: ca.pem", "- allowed", "dave: ",
        ]
        let whole = """
            tls_server_config:
              cert_file: server.crt
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.pem
              client_allowed_sans:
              - allowed.example
            http_server_config:
              http2: true
            basic_auth_users:
              dave: \(Self.hash)
              carol: \(Self.hash)
            rate_limit:
              interval: 1s
              burst: 1

            """
        try await TemporaryDirectory.with { folder in
            try await ServerCertificate.write(to: folder)
            let before = try LoadedWebConfiguration.written(whole, to: folder)
            #expect(before.obstacle(toReplacing: before) == nil)
            var taken = 0
            for length in 0..<whole.utf8.count {
                let part = String(whole.prefix(length))
                guard let loaded = try? LoadedWebConfiguration.written(part, to: folder),
                    loaded.obstacle(toReplacing: before) == nil
                else { continue }
                taken += 1
                #expect(!loaded.policy.users.isEmpty && loaded.usesTLS)
                #expect(restrictions.allSatisfy(part.contains), "\(part)")
            }
            // After the first user, and after the second.
            #expect(taken > 2)
        }
    }

    @Test(
        arguments: [
            (
                "client_ca_file: ca.pem, client_allowed_sans: [a]", "client_ca_file: ca.pem",
                "client_allowed_sans cannot be removed"
            ),
            ("client_ca_file: ca.pem", "", "client_ca cannot be removed"),
        ])
    func restrictionsOfClientsCannotBeRemoved(_ before: String, _ after: String, _ says: String) async throws {
        try await TemporaryDirectory.with { folder in
            try await ServerCertificate.write(to: folder)
            func loaded(_ more: String) throws -> LoadedWebConfiguration {
                try .written("tls_server_config: {cert_file: server.crt, key_file: server.key, \(more)}\n", to: folder)
            }
            let verified = "client_auth_type: RequireAndVerifyClientCert, "
            let old = try loaded(verified + before)
            #expect(try loaded(verified + after).obstacle(toReplacing: old) == says + " while the exporter runs; restart it")
            #expect(
                try loaded("client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.pem").obstacle(toReplacing: old)
                    == "client certificates cannot be made optional while the exporter runs; restart it")
            // In the other direction, restrictions are added.
            #expect(old.obstacle(toReplacing: try loaded(verified + after)) == nil)
        }
    }
}

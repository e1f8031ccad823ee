import Basics
import Configuration
import FlashbackAPI
import FlashbackCollectors
import Foundation
import HTTPClient
import TestSupport
import TestTools
import Testing

@testable import FlashbackExporter

/// The accounts in the configuration.
@Suite struct ConfiguredAccountsTests {
    private static let two = """
        flashback: {url: https://api.example, concurrency: 4, timeout: 20s}
        cache: {max-stale: 5m}
        accounts:
          - name: production
            refresh-token-file: tokens/production
            workspace-id: [w1, w2]
          - name: "42"
            url: https://staging.example
            email: a@example.com
            password-file: /etc/password
            concurrency: 2
        """

    @Test func accountSettingsOverrideCommonOnes() async throws {
        try await TemporaryDirectory.with { folder in
            let settings = try folder.settings(Self.two)
            #expect(settings.accounts.map(\.name) == ["production", "42"])
            let (first, second) = (settings.accounts[0], settings.accounts[1])
            #expect(first.upstream.baseURL.description == "https://api.example")
            #expect(first.upstream.concurrency == 4)
            #expect(first.upstream.transport.totalTimeout == .seconds(20))
            #expect(first.collection.workspaceIDs == ["w1", "w2"])
            #expect(first.collection.maxStale == .seconds(300))
            guard case .refreshTokenFile(folder.path("tokens/production")) = first.upstream.credentials else {
                Issue.record("not the refresh token: \(first.upstream.credentials)")
                return
            }
            #expect(second.upstream.baseURL.description == "https://staging.example")
            #expect(second.upstream.concurrency == 2)
            #expect(second.upstream.transport.totalTimeout == .seconds(20))
            #expect(second.collection.workspaceIDs.isEmpty)
            #expect(second.collection.maxStale == .seconds(300))
            guard case .password(email: "a@example.com", passwordFile: "/etc/password") = second.upstream.credentials else {
                Issue.record("not the password: \(second.upstream.credentials)")
                return
            }
        }
    }

    @Test func commonSettingsMayComeFromAnyLayer() async throws {
        try await TemporaryDirectory.with { folder in
            let settings = try folder.settings(
                Self.two, arguments: ["--flashback.concurrency=9", "--flashback.timeout", "7s"],
                environment: ["FLASHBACK_EXPORTER_FLASHBACK_URL": "https://variable.example"])
            #expect(settings.accounts.map(\.upstream.concurrency) == [9, 2])
            #expect(settings.accounts.map(\.upstream.transport.totalTimeout) == [.seconds(7), .seconds(7)])
            #expect(
                settings.accounts.map(\.upstream.baseURL.description) == ["https://variable.example", "https://staging.example"])
        }
    }

    @Test func withoutAccountsThereIsOneWithoutAName() async throws {
        try await TemporaryDirectory.with { folder in
            for file in ["", "accounts:\n", "accounts: ~"] {
                let settings = try folder.settings(file, environment: ["FLASHBACK_TOKEN": "t"])
                #expect(settings.accounts.map(\.name) == [nil])
            }
            let settings = try folder.settings("flashback: {token-file: t, workspace-id: w}")
            #expect(settings.accounts.map(\.collection.workspaceIDs) == [["w"]])
        }
    }

    @Test func sharedPartsMayUseAnchors() async throws {
        try await TemporaryDirectory.with { folder in
            let settings = try folder.settings(
                """
                accounts:
                - &first {name: a, token-file: a, url: https://one.example, concurrency: 3}
                - {<<: *first, name: b, token-file: b}
                """)
            #expect(settings.accounts.map(\.name) == ["a", "b"])
            #expect(settings.accounts.map(\.upstream.concurrency) == [3, 3])
        }
    }

    @Test func rereadFileHasItsCurrentAccounts() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("accounts: [{name: a, token-file: t}]", to: "exporter.yml")
            let configuration = try LayeredConfiguration(
                ExporterConfiguration.rules, arguments: ["--config.file", folder.path("exporter.yml")], environment: [:])
            #expect(try ExporterSettings(configuration).accounts.map(\.name) == ["a"])
            try folder.write("accounts: [{name: b, token-file: t}, {name: a, token-file: t}]", to: "exporter.yml")
            #expect(try ExporterSettings(configuration.reloaded()).accounts.map(\.name) == ["b", "a"])
            try folder.write("accounts: [{name: b}]", to: "exporter.yml")
            let error = #expect(throws: InvalidArgument.self) { try ExporterSettings(configuration.reloaded()) }
            #expect(error?.description.contains(#"exporter.yml:1:12: account "b" has no credentials"#) == true)
        }
    }

    @Test func sharedRefreshTokenFileIsRefused() async throws {
        try await TemporaryDirectory.with { folder in
            try FileManager.default.createDirectory(atPath: folder.path("sub"), withIntermediateDirectories: true)
            for (name, text) in [("rt", "canary"), ("copy", "canary\n"), ("other", "c4nary")] { try folder.write(text, to: name) }
            try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "rt")
            try FileManager.default.linkItem(atPath: folder.path("rt"), toPath: folder.path("hard"))
            func refusal(_ other: String) -> String {
                folder.refusal("accounts:\n- {name: a, refresh-token-file: rt}\n- {name: b, refresh-token-file: '\(other)'}")
            }
            for other in ["rt", "./rt", "sub/../rt", folder.path("rt"), "link", "hard", "copy"] {
                let says = refusal(other)
                #expect(says.contains(#"account "b" has the refresh-token-file of account "a", or a copy"#), "\(other): \(says)")
                #expect(!says.contains("canary"))
            }
            #expect(refusal("other") == "nothing")
        }
    }

    struct Mistake: CustomTestStringConvertible {
        let text: String
        let says: String
        var arguments: [String] = []
        var environment: [String: String] = [:]

        init(_ text: String, says: String, arguments: [String] = [], environment: [String: String] = [:]) {
            self.text = text
            self.says = says
            self.arguments = arguments
            self.environment = environment
        }

        var testDescription: String { text }
    }

    private static let account = "accounts: [{name: a, token-file: t}]"

    static let mistakes = [
        Mistake("accounts: []", says: "/exporter.yml:1:11: accounts is an empty list"),
        Mistake("accounts: {a: b}", says: "/exporter.yml:1:11: accounts must be a list, not a mapping"),
        Mistake("accounts: [a]", says: "/exporter.yml:1:12: an account must be a mapping of keys to values"),
        Mistake("acounts: []", says: "did you mean accounts?"),
        // Names.
        Mistake("accounts:\n- token-file: t", says: "/exporter.yml:2:3: an account has no name"),
        Mistake("accounts:\n- name: ''\n  token-file: t", says: "/exporter.yml:2:9: an account's name is empty"),
        Mistake("accounts:\n- name:\n  token-file: t", says: "/exporter.yml:2:8: an account's name must be a string"),
        Mistake("accounts:\n- name: [a]\n  token-file: t", says: "/exporter.yml:2:9: an account's name must be a string"),
        Mistake(
            "accounts:\n- {name: a, token-file: t}\n- {name: a, token-file: u}",
            says: #"/exporter.yml:3:10: two accounts have the name "a""#),
        // Credentials.
        Mistake("accounts:\n- name: a", says: #"/exporter.yml:2:3: account "a" has no credentials: set token-file"#),
        Mistake("accounts:\n- name: a\n  token-file:", says: #"account "a" has no credentials"#),
        Mistake(
            "accounts:\n- {name: a, token-file: t}\n- {name: b, token-file: t, refresh-token-file: u}",
            says: #"account "b": --flashback.token-file and --flashback.refresh-token-file are mutually exclusive"#),
        Mistake(
            "accounts:\n- {name: a, email: e}", says: "go together (--flashback.email is set at /exporter.yml:2:20)"),
        Mistake(
            "accounts:\n- {name: a, refresh-token-file: t}\n- {name: b, refresh-token-file: t}",
            says: #"/exporter.yml:3:3: account "b" has the refresh-token-file of account "a""#),
        Mistake("accounts:\n- {name: a, token: c4nary}", says: "/exporter.yml:2:13: a token does not belong here"),
        Mistake("accounts:\n- {name: a, password: c4nary}", says: "/exporter.yml:2:13: a password does not belong here"),
        Mistake("accounts:\n- {name: a, refresh-token: c4nary}", says: "/exporter.yml:2:13: a refresh token does not belong"),
        // Settings that belong to a single account.
        Mistake(
            account, says: "--flashback.token-file cannot be set for all accounts", arguments: ["--flashback.token-file=t"]),
        Mistake(
            account + "\nflashback: {email: e}",
            says: "(--flashback.email is set at /exporter.yml:2:20)"),
        Mistake(
            account, says: "(--flashback.workspace-id is set by FLASHBACK_EXPORTER_FLASHBACK_WORKSPACE_ID)",
            environment: ["FLASHBACK_EXPORTER_FLASHBACK_WORKSPACE_ID": "w"]),
        Mistake(account, says: "FLASHBACK_TOKEN cannot be set for all accounts", environment: ["FLASHBACK_TOKEN": "c4nary"]),
        // Keys and values.
        Mistake(
            "accounts:\n- {name: a, tokn-file: t}",
            says: #"/exporter.yml:2:13: account "a" has no key "tokn-file"; did you mean token-file?"#),
        Mistake("accounts:\n- {name: a, flashback: {}}", says: #"account "a" has no key "flashback""#),
        Mistake("accounts:\n- {name: a, cache: {ttl: 1m}}", says: #"account "a" has no key "cache""#),
        Mistake("accounts:\n- {nam: a}", says: "an account has no name"),
        Mistake(
            "accounts:\n- {name: a, token-file: t, timeout: 5}",
            says: #"account "a": The value '5' is invalid for '--flashback.timeout <duration>'"#),
        Mistake("accounts:\n- {name: a, token-file: t, timeout: 5}", says: "(--flashback.timeout is set at /exporter.yml:2:37)"),
        Mistake(
            "accounts:\n- {name: a, token-file: t, url: http://api.example}",
            says: #"account "a": --flashback.url: plain http would expose the token"#),
        Mistake(account + "\nflashback: {url: nowhere}", says: "(--flashback.url is set at /exporter.yml:2:18)"),
    ]

    @Test(arguments: mistakes)
    func errorIsOneLineWithAccountAndPosition(_ mistake: Mistake) async throws {
        let refusal = try await TemporaryDirectory.with { folder in
            folder.refusal(mistake.text, arguments: mistake.arguments, environment: mistake.environment)
        }
        #expect(refusal.contains(mistake.says), "\(refusal)")
        #expect(!refusal.contains("\n") && !refusal.contains("c4nary"))
    }
}

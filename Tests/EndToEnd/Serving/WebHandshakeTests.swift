import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct WebHandshakeTests {
    /// Runs an exporter with a certificate and additional lines in `tls_server_config`.
    private func exporting<Result>(
        _ lines: String..., key: CertificateAuthority.KeyKind = .rsa, http2: Bool = false,
        prepare: (CertificateAuthority, TemporaryDirectory) async throws -> Void = { _, _ in },
        _ body: (_ address: String, _ authority: CertificateAuthority, _ directory: TemporaryDirectory) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        let authority = try await CertificateAuthority(in: directory)
        try await authority.issue("server", .server, key: key)
        try await prepare(authority, directory)
        let file = try directory.write(
            "tls_server_config:\n" + (["cert_file: server.pem", "key_file: server.key"] + lines).map { "  \($0)\n" }.joined()
                + "http_server_config: {http2: \(http2)}\n", to: "web.yml")
        return try await RunningExporter.runningDemo(["--buckets", "1", "--web.config.file", file]) { exporter in
            try await body(exporter.addresses[0], authority, directory)
        }
    }

    /// OpenSSL allows old versions only at security level 0.
    private func version(_ address: String, _ option: String) async throws -> String? {
        try await TLSHandshake.with(address, option, "-cipher", "DEFAULT@SECLEVEL=0")?.version
    }

    @Test(
        arguments: [
            ("{}", [false, false, true, true]), ("{min_version: TLS13}", [false, false, false, true]),
            ("{max_version: TLS12}", [false, false, true, false]), ("{min_version: TLS10}", [true, true, true, true]),
            ("{min_version: TLS11, max_version: TLS11}", [false, true, false, false]),
        ])
    func versionsFollowTheConfiguration(settings: String, taken: [Bool]) async throws {
        try await exporting("<<: \(settings)") { address, _, _ in
            let versions = [("-tls1", "TLSv1"), ("-tls1_1", "TLSv1.1"), ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")]
            for ((option, name), isTaken) in zip(versions, taken) {
                let version = try await version(address, option)
                #expect(version == (isTaken ? name : nil), "\(settings) \(option)")
            }
        }
    }

    @Test func defaultCipherSuitesAreThoseOfGo() async throws {
        try await exporting { address, _, _ in
            for suite in [
                "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
                "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA",
            ] {
                let handshake = try await TLSHandshake.with(address, "-tls1_2", "-cipher", suite)
                #expect(handshake?.cipherSuite == suite)
            }
            // Cipher suites without forward secrecy, or that Go considers insecure.
            for suite in ["AES128-GCM-SHA256", "AES256-SHA", "ECDHE-RSA-AES128-SHA256"] {
                #expect(try await TLSHandshake.with(address, "-tls1_2", "-cipher", suite) == nil, "\(suite)")
            }
            for suite in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] {
                #expect(try await TLSHandshake.with(address, "-tls1_3", "-ciphersuites", suite)?.cipherSuite == suite)
            }
        }
    }

    @Test func listedCipherSuitesFollowTheClientsOrder() async throws {
        let suites = "[TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]"
        try await exporting("cipher_suites: \(suites)", "prefer_server_cipher_suites: false") { address, _, _ in
            let (small, large) = ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384")
            for (offered, chosen) in [
                (small, small), (large, large), ("\(small):\(large)", small), ("\(large):\(small)", large),
                ("ECDHE-RSA-AES128-SHA:\(large)", large), ("ECDHE-RSA-AES128-SHA", nil), ("ECDHE-RSA-CHACHA20-POLY1305", nil),
            ] {
                #expect(try await TLSHandshake.with(address, "-tls1_2", "-cipher", offered)?.cipherSuite == chosen)
            }
            // Cipher suites of TLS 1.3 are always enabled, listed or not.
            let other = try await TLSHandshake.with(address, "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")
            #expect(other?.cipherSuite == "TLS_CHACHA20_POLY1305_SHA256")
        }
    }

    @Test(
        arguments: [
            ("[CurveP521]", [false, false, false, true]), ("[X25519, CurveP384]", [true, false, true, false]),
            ("[CurveP256, CurveP384, CurveP521, X25519]", [true, true, true, true]), ("[]", [true, true, true, true]),
        ])
    func curvesFollowTheConfiguration(list: String, taken: [Bool]) async throws {
        try await exporting("curve_preferences: \(list)") { address, _, _ in
            for (group, isTaken) in zip(["X25519", "P-256", "P-384", "P-521"], taken) {
                for version in ["-tls1_2", "-tls1_3"] {
                    let handshake = try await TLSHandshake.with(address, version, "-groups", group)
                    #expect((handshake != nil) == isTaken, "\(list) \(version) \(group)")
                }
            }
        }
    }

    @Test(arguments: [CertificateAuthority.KeyKind.rsa, .p256, .p384, .p521, .ed25519])
    func everyKindOfServerKeyWorks(kind: CertificateAuthority.KeyKind) async throws {
        try await exporting(key: kind) { address, authority, _ in
            for version in ["--tls-max", "--tlsv1.3"] {
                let options = (version == "--tls-max" ? [version, "1.2"] : [version]) + ["--cacert", authority.certificate]
                let answer = try await HTTP.send("GET", "https://\(address)/-/healthy", options: options)
                #expect(answer.status == 200)
            }
        }
    }

    @Test(arguments: [true, false])
    func http2IsOfferedUnlessDisabled(isOn: Bool) async throws {
        try await exporting(http2: isOn) { address, authority, _ in
            let curl = try await RunningProcess.finished(
                try Program.curl(),
                [
                    "-q", "--silent", "--noproxy", "*", "--cacert", authority.certificate, "--output", "/dev/null", "--write-out",
                    "%{http_version} %{http_code}", "https://\(address)/metrics",
                ])
            #expect(curl.outputText == (isOn ? "2 200" : "1.1 200"))
        }
    }

    // MARK: Clients' certificates

    /// The clients of these tests.
    private enum Client: String, CaseIterable {
        /// Has no certificate.
        case none
        case good, otherAuthority, expired
        /// Has a server certificate, which is not for clients.
        case server

        static func issue(_ authority: CertificateAuthority, _ directory: TemporaryDirectory) async throws {
            let other = try await CertificateAuthority("other", in: directory)
            try await authority.issue(good.rawValue, .client, names: "DNS:good.example")
            try await other.issue(otherAuthority.rawValue, .client, names: "DNS:good.example")
            try await authority.issue(expired.rawValue, .client, names: "DNS:good.example", days: -1)
        }

        func options(_ directory: TemporaryDirectory) -> [String] {
            self == .none ? [] : ["--cert", directory.path("\(rawValue).pem"), "--key", directory.path("\(rawValue).key")]
        }
    }

    @Test(
        arguments: [
            ("client_auth_type: NoClientCert", Set(["none", "good", "otherAuthority", "expired", "server"])),
            ("client_auth_type: RequestClientCert", ["none", "good", "otherAuthority", "expired", "server"]),
            ("client_auth_type: RequireAnyClientCert", ["good", "otherAuthority", "expired", "server"]),
            // Without an authority, the system's authorities apply, which did not issue any of these clients' certificates.
            ("client_auth_type: VerifyClientCertIfGiven", ["none"]),
            ("client_auth_type: RequireAndVerifyClientCert", []),
            ("<<: {client_auth_type: VerifyClientCertIfGiven, client_ca_file: authority.pem}", ["none", "good"]),
            ("<<: {client_auth_type: RequireAndVerifyClientCert, client_ca_file: authority.pem}", ["good"]),
            (
                "<<: {client_auth_type: RequireAnyClientCert, client_ca_file: authority.pem}",
                ["good", "otherAuthority", "expired", "server"]
            ),
            ("<<: {client_auth_type: RequireAndVerifyClientCert, client_ca_file: other.pem}", ["otherAuthority"]),
            (
                "<<: {client_auth_type: RequireAndVerifyClientCert, client_ca_file: authority.pem, client_allowed_sans: [good.example]}",
                ["good"]
            ),
            (
                "<<: {client_auth_type: RequireAndVerifyClientCert, client_ca_file: authority.pem, client_allowed_sans: [bad.example]}",
                []
            ),
        ] as [(String, Set<String>)])
    func clientCertificatesAreVerifiedAsConfigured(settings: String, taken: Set<String>) async throws {
        try await exporting(settings, prepare: Client.issue) { address, authority, directory in
            for client in Client.allCases {
                for version in [["--tls-max", "1.2"], ["--tlsv1.3"]] {
                    let options = ["--cacert", authority.certificate] + client.options(directory) + version
                    let status = try? await HTTP.send("GET", "https://\(address)/metrics", options: options).status
                    #expect(status == (taken.contains(client.rawValue) ? 200 : nil), "\(settings) \(client) \(version)")
                }
            }
        }
    }

    @Test func allowedNamesMatchWholeNamesOfEveryKind() async throws {
        let names = "[dns.example, someone@example.com, 'https://example.com/id', 10.1.2.3, 'fe80::0:1']"
        let kinds = [
            ("DNS:dns.example", true), ("DNS:x.dns.example", false), ("DNS:dns.exampl", false),
            ("DNS:other,DNS:dns.example", true),
            ("email:someone@example.com", true), ("email:else@example.com", false), ("URI:https://example.com/id", true),
            ("URI:https://example.com/", false), ("IP:10.1.2.3", true), ("IP:10.1.2.4", false), ("IP:fe80::1", true),
            ("IP:fe80::2", false),
        ]
        try await exporting(
            "client_auth_type: RequireAndVerifyClientCert", "client_ca_file: authority.pem", "client_allowed_sans: \(names)"
        ) { address, authority, directory in
            for (name, isTaken) in kinds {
                let client = try await authority.issue("client", .client, names: name, key: .p256)
                let status = try? await HTTP.send(
                    "GET", "https://\(address)/metrics",
                    options: ["--cacert", authority.certificate, "--cert", client.certificate, "--key", client.key]
                ).status
                #expect(status == (isTaken ? 200 : nil), "\(name)")
            }
        }
    }

    @Test(arguments: [("good.example", true), ("bad.example", false)])
    func resumedSessionsAreVerifiedLikeNewOnes(name: String, isTaken: Bool) async throws {
        try await exporting(
            "client_auth_type: RequireAndVerifyClientCert", "client_ca_file: authority.pem", "client_allowed_sans: [\(name)]",
            prepare: Client.issue
        ) { address, _, directory in
            for version in ["-tls1_2", "-tls1_3"] {
                let session = directory.path("session\(version)")
                func ask(_ options: [String]) async throws -> String {
                    let request = Data("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
                    return try await RunningProcess.finished(
                        try Program.openssl(), ["s_client", "-connect", address, version, "-ign_eof"] + options, input: request
                    ).outputText
                }
                let certificate = ["-cert", directory.path("good.pem"), "-key", directory.path("good.key")]
                let first = try await ask(certificate + ["-sess_out", session])
                #expect(first.contains("HTTP/1.1 200") == isTaken)
                let resumed = try await ask(["-sess_in", session])
                #expect(resumed.contains("Reused, "), "\(version)")
                #expect(resumed.contains("HTTP/1.1 200") == isTaken, "\(version)")
            }
        }
    }

    @Test(arguments: [CertificateAuthority.KeyKind.rsa, .p256, .p384, .p521, .ed25519])
    func everyKindOfClientKeyWorks(kind: CertificateAuthority.KeyKind) async throws {
        try await exporting("client_auth_type: RequireAndVerifyClientCert", "client_ca_file: authority.pem") {
            address, authority, _ in
            let client = try await authority.issue("client", .client, key: kind)
            for version in [["--tls-max", "1.2"], ["--tlsv1.3"]] {
                let options = ["--cacert", authority.certificate, "--cert", client.certificate, "--key", client.key] + version
                #expect(try await HTTP.send("GET", "https://\(address)/metrics", options: options).status == 200)
            }
        }
    }

    @Test func certificateKeyAndAuthorityMayBeInline() async throws {
        let directory = try TemporaryDirectory()
        let authority = try await CertificateAuthority(in: directory)
        let server = try await authority.issue("server", .server)
        let client = try await authority.issue("client", .client)
        func block(_ path: String) throws -> String {
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { "    \($0)\n" }.joined()
        }
        let file = try directory.write(
            """
            tls_server_config:
              cert: |
            \(try block(server.certificate))
              key: |
            \(try block(server.key))
              client_ca: |
            \(try block(authority.certificate))
              client_auth_type: RequireAndVerifyClientCert
            """, to: "web.yml")
        try await RunningExporter.runningDemo(["--buckets", "1", "--log.level", "debug", "--web.config.file", file]) { exporter in
            let options = ["--cacert", authority.certificate, "--cert", client.certificate, "--key", client.key]
            #expect(try await HTTP.send("GET", "https://\(exporter.addresses[0])/metrics", options: options).status == 200)
            #expect(
                (try? await HTTP.send("GET", "https://\(exporter.addresses[0])/metrics", options: Array(options.prefix(2))))
                    == nil)
            let key = try String(contentsOfFile: server.key, encoding: .utf8).split(separator: "\n")[1]
            #expect(!exporter.process.everything.contains(key))
        }
    }
}

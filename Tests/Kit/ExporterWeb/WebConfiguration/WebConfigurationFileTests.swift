import HTTPTypes
import Testing

@testable import ExporterWeb

@Suite struct WebConfigurationFileTests {
    private static let hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"

    private func read(_ text: String) throws(WebConfigurationError) -> WebConfigurationFile {
        try WebConfigurationFile(reading: Array(text.utf8), directory: "/etc/exporter")
    }

    private func error(_ text: String) -> String? {
        do throws(WebConfigurationError) {
            _ = try read(text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// A `tls_server_config` with certificate, key and further lines, the first of which is line 4.
    private func tls(_ lines: String...) -> String {
        "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n" + lines.map { "  \($0)\n" }.joined()
    }

    @Test(arguments: [
        "", "# nothing\n", "{}", "tls_server_config:\n", "tls_server_config: {}\n", "basic_auth_users:\nrate_limit:\n",
    ])
    func emptyFileRequiresNothing(_ text: String) throws {
        let file = try read(text)
        #expect(file.tls == nil)
        #expect(file.offersHTTP2)
        #expect(file.headerFields.isEmpty)
        #expect(file.users.isEmpty)
        #expect(file.rateLimit == nil)
    }

    @Test func defaultsMatchTheDocumentation() throws {
        let tls = try #require(try read(tls()).tls)
        #expect(tls.clientAuthentication == .none)
        #expect(tls.clientAuthority == nil)
        #expect(tls.allowedNames == nil)
        #expect(tls.minimumVersion == .tls12)
        #expect(tls.maximumVersion == .tls13)
        #expect(tls.offersHTTP2)
        #expect(tls.curves == [.x25519MLKEM768, .x25519, .p256, .p384, .p521])
        #expect(tls.cipherSuites.count == 10)
        #expect(tls.cipherSuites.allSatisfy { $0.rawValue.hasPrefix("TLS_ECDHE_") })
    }

    @Test func everyKeyIsRead() throws {
        let file = try read(
            tls(
                "client_auth_type: RequireAndVerifyClientCert", "client_ca_file: /ca.pem",
                "client_allowed_sans: [a.example, 10.0.0.1]",
                "min_version: TLS10", "max_version: TLS12",
                "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]",
                "prefer_server_cipher_suites: true", "curve_preferences: [X25519, CurveP256, X25519]") + """
                    http_server_config:
                      http2: no
                      headers:
                        X-Frame-Options: deny
                        Strict-Transport-Security: max-age=31536000; includeSubDomains
                        X-Content-Type-Options: nosniff
                        X-XSS-Protection: 1
                        Content-Security-Policy: "default-src 'self' *.test.example.net"
                    basic_auth_users:
                      alice: \(Self.hash)
                    rate_limit:
                      interval: 1m30s
                      burst: 20
                    """)
        let tls = try #require(file.tls)
        #expect(tls.clientAuthentication == .requireAndVerify)
        #expect(tls.clientAuthority?.key == "client_ca_file")
        #expect(tls.allowedNames != nil)
        #expect(tls.minimumVersion == .tls10)
        #expect(tls.maximumVersion == .tls12)
        #expect(tls.cipherSuites == [.rsaAES128GCM])
        #expect(tls.curves == [.x25519, .p256])
        #expect(!tls.offersHTTP2)
        #expect(!file.offersHTTP2)
        #expect(file.headerFields[.strictTransportSecurity] == "max-age=31536000; includeSubDomains")
        #expect(file.headerFields[.contentSecurityPolicy] == "default-src 'self' *.test.example.net")
        #expect(file.headerFields[try #require(HTTPField.Name("X-XSS-Protection"))] == "1")
        #expect(file.headerFields[try #require(HTTPField.Name("X-Frame-Options"))] == "deny")
        #expect(file.headerFields.count == 5)
        #expect(file.users.hash(of: Array("alice".utf8)) == BcryptHash(Self.hash))
        #expect(file.users.hash(of: Array("bob".utf8)) == nil)
        #expect(file.rateLimit == RateLimit(interval: .seconds(90), burst: 20))
        #expect(file.warnings.isEmpty)
    }

    @Test(
        arguments: [
            ("hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr\n", "line 1, column 1: the file must be a mapping of keys to values"),
            ("tls_config: {}\n", "line 1, column 1: the file has no key \"tls_config\"; did you mean tls_server_config?"),
            (
                "tls_server_config:\n  cert_filse: x\n",
                "line 2, column 3: tls_server_config has no key \"cert_filse\"; did you mean cert_file?"
            ),
            (
                "tls_server_config:\n  cert_file: ''\n  key_file: server.key\n",
                "line 2, column 3: tls_server_config needs one of cert_file and cert"
            ),
            (
                "tls_server_config:\n  cert_file: server.crt\n  key: ''\n",
                "line 2, column 3: tls_server_config needs one of key_file and key"
            ),
            ("tls_server_config:\n  min_version: TLS13\n", "line 2, column 3: tls_server_config needs one of cert_file and cert"),
            ("http_server_config:\n  http2: maybe\n", "line 2, column 10: http2 must be true or false, without quotes"),
            (
                "http_server_config:\n  headers:\n    X-Frame-Options: foo\n",
                "line 3, column 22: X-Frame-Options must be deny or sameorigin"
            ),
            (
                "http_server_config:\n  headers:\n    X-Content-Type-Options: sniff\n",
                "line 3, column 29: X-Content-Type-Options must be nosniff"
            ),
            (
                "http_server_config:\n  headers: {Content-Type: foo}\n",
                "line 2, column 13: headers has no key \"Content-Type\"; did you mean X-Content-Type-Options?"
            ),
            (
                "http_server_config:\n  headers: {X-XSS-Protection: \"1\\r\\nX: y\"}\n",
                "line 2, column 31: X-XSS-Protection contains an invalid header character, such as a line break"
            ),
            (
                "basic_auth_users:\n  john: canary\n",
                "line 2, column 9: not a bcrypt hash of a password; create one with: htpasswd -nBC 10 \"\" | tr -d ':\\n'"
            ),
            ("basic_auth_users: {\"a:b\": x}\n", "line 1, column 20: a user name must not be empty or contain a colon"),
            (
                "rate_limit: {interval: 5, burst: 1}\n",
                "line 1, column 24: interval must be a duration such as 1s, 500ms or 1m30s, or 0 for no limit"
            ),
            ("rate_limit: {interval: 1s, burst: -1}\n", "line 1, column 35: burst must not be negative"),
        ])
    func errorsHaveTheirPosition(_ text: String, _ message: String) {
        #expect(error(text) == message)
    }

    @Test(
        arguments: [
            ("cert: x", "line 2, column 14: cert and cert_file are both given; keep one"),
            (
                "client_ca_file: ca.pem",
                "line 4, column 19: client_ca_file is given, but client_auth_type does not ask for certificates; set it to RequireAndVerifyClientCert"
            ),
            (
                "client_auth_type: RequireAndVerify",
                "line 4, column 21: client_auth_type cannot be \"RequireAndVerify\"; did you mean RequireAndVerifyClientCert?"
            ),
            (
                "client_auth_type: requireanyclientcert",
                "line 4, column 21: client_auth_type cannot be \"requireanyclientcert\"; did you mean RequireAnyClientCert?"
            ),
            (
                "client_allowed_sans: [a]",
                "line 4, column 24: client_allowed_sans needs client_auth_type: RequireAndVerifyClientCert, as the names of unverified certificates prove nothing"
            ),
            (
                "{client_allowed_sans: [], client_auth_type: RequireAndVerifyClientCert, client_ca_file: x}",
                "line 4, column 29: client_allowed_sans is empty: no client would be accepted"
            ),
            ("min_version: TLS111", "line 4, column 16: min_version cannot be \"TLS111\"; did you mean TLS11?"),
            ("{min_version: TLS13, max_version: TLS12}", "line 4, column 41: min_version TLS13 is above max_version TLS12"),
            ("max_version: TLS11", "line 4, column 16: min_version TLS12 is above max_version TLS11"),
            (
                "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048]",
                "line 4, column 19: cipher_suites cannot be \"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\"; did you mean TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256?"
            ),
            (
                "cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]",
                "line 4, column 19: cipher_suites cannot be \"TLS_RSA_WITH_AES_128_CBC_SHA\"; did you mean TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA?"
            ),
            (
                "cipher_suites: [TLS_AES_128_GCM_SHA256]",
                "line 4, column 18: cipher_suites has only TLS 1.3 suites, which are always enabled; add one for TLS 1.2, or set min_version: TLS13"
            ),
            (
                "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]",
                "line 4, column 18: cipher_suites lacks what HTTP/2 requires: add TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, or set http_server_config's http2: false"
            ),
            (
                "curve_preferences: [CurveP257]",
                "line 4, column 23: curve_preferences cannot be \"CurveP257\"; did you mean CurveP256?"
            ),
        ])
    func tlsErrorsHaveTheirPosition(_ line: String, _ message: String) {
        // A flow mapping replaces several lines.
        let lines = line.hasPrefix("{") ? "<<: \(line)" : line
        let text = line == "cert: x" ? "tls_server_config:\n  cert_file: server.crt\n  cert: x\n" : tls(lines)
        #expect(error(text) == message)
    }

    @Test(
        arguments: [
            (
                "rate_limit: {interval: 1s}\n",
                "line 1, column 13: rate_limit with a burst of 0 refuses every request; set burst to 1 or more"
            ),
            (
                "rate_limit: {interval: 1s, burst: 0}\n",
                "line 1, column 35: rate_limit with a burst of 0 refuses every request; set burst to 1 or more"
            ),
            (
                "rate_limit: {burst: 1}\n",
                "line 1, column 13: rate_limit without an interval limits nothing; set interval to the time between two requests"
            ),
            (
                "tls_server_config: {cert: x, key: y, client_auth_type: RequireAndVerifyClientCert}\n",
                "line 1, column 56: RequireAndVerifyClientCert without client_ca_file accepts certificates of every authority that the system trusts; set your own"
            ),
            (
                "tls_server_config: {cert: x, key: y, client_auth_type: VerifyClientCertIfGiven}\n",
                "line 1, column 56: VerifyClientCertIfGiven without client_ca_file accepts certificates of every authority that the system trusts; set your own"
            ),
            (
                "tls_server_config: {cert: x, key: y, prefer_server_cipher_suites: true}\n",
                "line 1, column 67: prefer_server_cipher_suites: true has no effect, as in Go since 1.17: the client's order counts; remove it"
            ),
        ])
    func warningsHaveTheirPosition(_ text: String, _ warning: String) throws {
        #expect(try read(text).warnings.map(\.description) == [warning])
    }

    @Test(arguments: ["prefer_server_cipher_suites: false", "{prefer_server_cipher_suites: true, min_version: TLS13}"])
    func clientPreferenceCanBeEnabled(_ line: String) throws {
        #expect(try read(tls(line.hasPrefix("{") ? "<<: \(line)" : line)).warnings.isEmpty)
    }

    @Test func errorsNeverRepeatSecrets() {
        for text in [
            "basic_auth_users:\n  john: canary\n", "basic_auth_users:\n  john: [canary]\n", "basic_auth_users: canary\n",
            "tls_server_config: canary\n", "tls_server_config:\n  key: [canary]\n", "canary\n", "- canary\n", "a: 'canary\n",
        ] {
            #expect(error(text).map { !$0.contains("canary") } == true, "\(text)")
        }
    }

    @Test func descriptionHidesSecrets() throws {
        let file = try read(
            "tls_server_config: {cert: canary-certificate, key: canary-key}\nbasic_auth_users: {alice: \(Self.hash)}\n")
        var dumped = ""
        dump(file, to: &dumped)
        #expect(!(dumped + String(reflecting: file) + "\(file)").contains("canary"))
        #expect(!dumped.contains("X0h1gDsPszWURQaxFh"))
    }
}

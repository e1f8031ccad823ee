import TestSupport
import TestTools
import Testing

@testable import ExporterWeb

/// The configurations of the exporter-toolkit's own tests, and others that the two programs treat differently, with both verdicts.
@Suite struct ToolkitExampleTests {
    enum Verdict: Equatable {
        case starts
        /// Starts, and logs a warning that contains these words.
        case warns(String)
        /// Does not start; the error contains these words.
        case refused(String)

        var starts: Bool {
            if case .refused = self { false } else { true }
        }
    }

    struct Example: CustomTestStringConvertible {
        /// The name of the toolkit's file under `web/testdata`, or a description.
        let name: String
        let text: String
        /// The toolkit's verdict.
        let there: Bool
        let here: Verdict
        /// Why the verdicts differ; nil if they do not.
        let reason: String?

        init(_ name: String, _ text: String, there: Bool, _ here: Verdict, because reason: String? = nil) {
            self.name = name
            self.text = text
            self.there = there
            self.here = here
            self.reason = reason
        }

        var testDescription: String { name }
    }

    /// Reads a file with the certificates that it names, as at the start.
    private func verdict(_ text: String) async throws -> Verdict {
        let made = try await ServerCertificate.shared.value
        return try await TemporaryDirectory.with { folder in
            try await ServerCertificate.write(to: folder)
            // The lines of a block have the indentation of their placeholder.
            let inline = { (pem: String) in pem.split(separator: "\n").joined(separator: "\n    ") }
            let text = text.replacing("CERTIFICATE", with: inline(made.certificate)).replacing("KEY", with: inline(made.key))
            try folder.write(text, to: "web.yml")
            do throws(WebConfigurationError) {
                let loaded = try LoadedWebConfiguration(path: folder.path("web.yml"))
                return loaded.warnings.isEmpty ? .starts : .warns(loaded.warnings.map(\.description).joined(separator: "; "))
            } catch {
                return .refused("\(error)")
            }
        }
    }

    private func check(_ example: Example) async throws {
        switch (try await verdict(example.text), example.here) {
        case (.starts, .starts): break
        case (.warns(let said), .warns(let words)), (.refused(let said), .refused(let words)):
            #expect(said.contains(words), "\(said)")
        case (let verdict, _): Issue.record("\(verdict)")
        }
        // A verdict that differs needs a reason, and no other does.
        #expect((example.there == example.here.starts) == (example.reason == nil))
    }

    @Test(arguments: toolkitFiles) func toolkitFilesAreAcceptedOrRefusedAsByTheToolkit(_ example: Example) async throws {
        #expect(example.there == example.here.starts)
        try await check(example)
    }

    @Test(arguments: deviations) func deviationsFromTheToolkit(_ example: Example) async throws {
        try await check(example)
    }

    private static let files = "cert_file: server.crt, key_file: server.key"
    private static let system = Verdict.warns("accepts certificates of every authority that the system trusts")
    private static let hash = "$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq"
    private static let users =
        "basic_auth_users: {alice: \(hash), bob: $2y$18$4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.}"

    /// A `tls_server_config` with the certificate, its key and further settings.
    private static func tls(_ more: String) -> String { "tls_server_config: {\(files)\(more.isEmpty ? "" : ", ")\(more)}\n" }

    private static let ifGiven = "client_auth_type: VerifyClientCertIfGiven"
    private static let verified = "client_auth_type: RequireAndVerifyClientCert"
    private static let twoSuites = "[TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]"
    private static let oneSuite = "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384], max_version: TLS12"
    private static let allSuites = CipherSuite.allCases.map(\.rawValue).joined(separator: ", ")

    static let toolkitFiles: [Example] = [
        // Requirements on client certificates.
        Example(
            "tls_config_noAuth.requireandverifyclientcert.good.yml", tls("\(verified), client_ca_file: ca.pem"), there: true,
            .starts),
        Example(
            "tls_config_noAuth.requireanyclientcert.good.yml", tls("client_auth_type: RequireAnyClientCert"), there: true, .starts
        ),
        Example(
            "tls_config_noAuth.requireanyclientcertkeyinline.good.yml",
            "tls_server_config:\n  cert_file: server.crt\n  key: |\n    KEY\n  client_auth_type: RequireAnyClientCert\n",
            there: true,
            .starts),
        Example(
            "web_config_auth_clientCAs_invalid.bad.yml", tls("client_ca_file: nowhere.pem"), there: false,
            .refused("client_auth_type does not ask for certificates")),
        Example("web_config_auth_clientCAs_missing.bad.yml", tls(verified), there: true, system),
        Example(
            "web_config_auth_client_san.bad.yaml", tls("\(verified), client_ca_file: ca.pem, client_allowed_sans: [strange]"),
            there: true, .starts),
        Example(
            "web_config_auth_client_san.good.yaml", tls("\(verified), client_ca_file: ca.pem, client_allowed_sans: [a, b, c]"),
            there: true, .starts),
        Example(
            "web_config_noAuth.bad.yml", tls("client_ca_file: /dev/null"), there: false,
            .refused("client_auth_type does not ask for certificates")),
        Example("web_config_noAuth.good.blocking.yml", tls(verified), there: true, system),
        Example("web_config_noAuth.good.yml", tls(ifGiven), there: true, system),
        // Versions, cipher suites and curves.
        Example(
            "web_config_noAuth_allCiphers.good.yml", tls("\(ifGiven), cipher_suites: [\(allSuites)]"), there: true, system),
        Example(
            "web_config_noAuth_allCurves.good.yml",
            tls("\(ifGiven), curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]"), there: true, system),
        Example(
            "web_config_noAuth_inventedCiphers.bad.yml",
            tls("\(ifGiven), cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048]"),
            there: false, .refused("cipher_suites cannot be")),
        Example(
            "web_config_noAuth_inventedCurves.bad.yml", tls("\(ifGiven), curve_preferences: [CurveP257]"), there: false,
            .refused("curve_preferences cannot be")),
        Example(
            "web_config_noAuth_noHTTP2.good.yml", tls("\(ifGiven), \(oneSuite)") + "http_server_config: {http2: false}\n",
            there: true,
            system),
        Example(
            "web_config_noAuth_noHTTP2Cipher.bad.yml", tls("\(ifGiven), \(oneSuite)"), there: false,
            .refused("lacks what HTTP/2 requires")),
        Example(
            "web_config_noAuth_someCiphers.good.yml",
            tls("\(ifGiven), cipher_suites: \(twoSuites), min_version: TLS12, max_version: TLS12"), there: true, system),
        Example(
            "web_config_noAuth_someCiphers_noOrder.good.yml",
            tls(
                "\(ifGiven), cipher_suites: \(twoSuites), prefer_server_cipher_suites: false, min_version: TLS12, max_version: TLS12"
            ),
            there: true, system),
        Example(
            "web_config_noAuth_someCurves.good.yml", tls("\(ifGiven), min_version: TLS13, curve_preferences: [CurveP521]"),
            there: true,
            system),
        Example(
            "web_config_noAuth_wrongTLSVersion.bad.yml", tls("\(ifGiven), min_version: TLS111"), there: false,
            .refused("min_version cannot be")),
        // The locations of certificate and key.
        Example(
            "web_config_noAuth_certPath_empty.bad.yml", "tls_server_config: {cert_file: '', key_file: server.key}\n",
            there: false,
            .refused("needs one of cert_file and cert")),
        Example(
            "web_config_noAuth_certPath_invalid.bad.yml", "tls_server_config: {cert_file: nowhere, key_file: server.key}\n",
            there: false,
            .refused("No such file")),
        Example(
            "web_config_noAuth_certPath_keyPath_empty.bad.yml",
            "tls_server_config: {cert_file: '', key_file: '', client_auth_type: x}\n", there: false,
            .refused("needs one of cert_file and cert")),
        Example(
            "web_config_noAuth_certPath_keyPath_invalid.bad.yml", "tls_server_config: {cert_file: nowhere, key_file: nowhere}\n",
            there: false, .refused("No such file")),
        Example(
            "web_config_noAuth_cert_empty.bad.yml", "tls_server_config: {cert: '', key_file: server.key}\n", there: false,
            .refused("needs one of cert_file and cert")),
        Example(
            "web_config_noAuth_keyPath_empty.bad.yml", "tls_server_config: {cert_file: server.crt, key_file: ''}\n", there: false,
            .refused("needs one of key_file and key")),
        Example(
            "web_config_noAuth_keyPath_invalid.bad.yml", "tls_server_config: {cert_file: server.cert, key_file: nowhere}\n",
            there: false, .refused("No such file")),
        Example(
            "web_config_noAuth_key_empty.bad.yml", "tls_server_config: {cert_file: server.crt, key: ''}\n", there: false,
            .refused("needs one of key_file and key")),
        Example(
            "web_config_noAuth_tlsInline.good.yml",
            "tls_server_config:\n  cert: |\n    CERTIFICATE\n  key: |\n    KEY\n  client_auth_type: VerifyClientCertIfGiven\n",
            there: true, system),
        // Users, headers and limits.
        Example("web_config_users.good.yml", tls("") + users, there: true, .starts),
        Example("web_config_users_noTLS.good.yml", users, there: true, .starts),
        Example(
            "web_config_auth_user_list_invalid.bad.yml", tls("") + "basic_auth_users: {john: doe}\n", there: false,
            .refused("not a bcrypt hash")),
        Example(
            "web_config_headers.good.yml",
            """
            http_server_config:
              headers:
                X-Frame-Options: deny
                X-Content-Type-Options: nosniff
                X-XSS-Protection: 1
                Strict-Transport-Security: max-age=86400
                Content-Security-Policy: "default-src 'self'"
            """, there: true, .starts),
        Example(
            "web_config_headers_content_type_options.bad.yml", "http_server_config: {headers: {X-Content-Type-Options: sniff}}\n",
            there: false, .refused("must be nosniff")),
        Example(
            "web_config_headers_extra_header.bad.yml", "http_server_config: {headers: {Content-Type: foo}}\n", there: false,
            .refused("no key")),
        Example(
            "web_config_headers_frame_options.bad.yml", "http_server_config: {headers: {X-Frame-Options: foo}}\n", there: false,
            .refused("must be deny or sameorigin")),
        Example("web_config_rate_limiter_nonblocking.yaml", "rate_limit: {interval: 0, burst: 0}\n", there: true, .starts),
        Example(
            "web_config_rate_limiter_one_second.yaml", "rate_limit: {interval: '1s', burst: 0}\n", there: true,
            .warns("a burst of 0 refuses every request")),
        Example("web_config_empty.yml", "", there: true, .starts),
        Example("web_config_junk.yml", "q7Zr0kPd\nWm3LxU9a\n", there: false, .refused("must be a mapping")),
        Example("web_config_junk_key.yml", "tls_server_config: {cert_filse: server.crt}\n", there: false, .refused("no key")),
        // Files from elsewhere: `web/web-config.yml` and the example in the documentation.
        Example("web/web-config.yml", tls(""), there: true, .starts),
        Example("docs/web-config.yml", tls("") + users + "\nrate_limit: {interval: '1s', burst: 20}\n", there: true, .starts),
    ]

    private static let strict = "what cannot be done, or has no effect, is an error with its place"

    /// The differences listed in `docs/web-configuration.md`; the toolkit's verdicts follow from its code.
    static let deviations: [Example] = [
        Example(
            "the server's order of cipher suites", tls("prefer_server_cipher_suites: true"), there: true, .warns("has no effect")),
        Example("a burst without an interval", "rate_limit: {burst: 5}\n", there: true, .warns("limits nothing")),
        Example(
            "names of clients that are not verified", tls("client_auth_type: RequireAnyClientCert, client_allowed_sans: [a]"),
            there: true, .refused("names of unverified certificates prove nothing"), because: "it would admit every client"),
        Example(
            "no name that is allowed", tls("\(verified), client_ca_file: ca.pem, client_allowed_sans: []"), there: true,
            .refused("no client would be accepted"), because: strict),
        Example(
            "settings of TLS without a certificate", "tls_server_config: {min_version: TLS13}\n", there: true,
            .refused("needs one of cert_file and cert"), because: "it would serve plain HTTP"),
        Example(
            "a certificate given twice", tls("cert: x"), there: true, .refused("both given"),
            because: "it is not plain which counts"),
        Example(
            "versions that exclude each other", tls("min_version: TLS13, max_version: TLS12"), there: true,
            .refused("is above max_version"), because: strict),
        Example(
            "suites of TLS 1.3 for TLS 1.2",
            tls("cipher_suites: [TLS_AES_128_GCM_SHA256]") + "http_server_config: {http2: false}\n",
            there: true, .refused("only TLS 1.3 suites"), because: strict),
        Example(
            "authorities without a certificate", tls("\(verified), client_ca_file: /dev/null"), there: true,
            .refused("no certificate in PEM format"), because: strict),
        Example(
            "an interval without a unit", "rate_limit: {interval: 5, burst: 1}\n", there: true, .refused("must be a duration"),
            because: strict),
        Example(
            "a negative burst", "rate_limit: {interval: 1s, burst: -1}\n", there: true, .refused("must not be negative"),
            because: strict),
        Example(
            "a number with leading zeros", "rate_limit: {interval: 1s, burst: 010}\n", there: true, .refused("leading zeros"),
            because: strict),
    ]
}

import Testing

@testable import ExporterServer

/// The settings that the exporter-toolkit's own tests try, and what becomes of them here.
@Suite struct ToolkitExampleTests {
    private static let files = "cert_file: server.crt, key_file: server.key"

    private func error(_ text: String) -> String? {
        do throws(WebConfigurationError) {
            _ = try WebConfigurationFile(reading: Array(text.utf8), directory: "")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(
        arguments: [
            "",
            "tls_server_config: {\(files)}",
            "tls_server_config: {\(files), client_auth_type: RequireAnyClientCert}",
            "tls_server_config: {\(files), client_auth_type: RequireAndVerifyClientCert, client_ca_file: client_selfsigned.pem}",
            """
            tls_server_config:
              cert_file: "server.crt"
              key_file: "server.key"
              client_auth_type: "RequireAndVerifyClientCert"
              client_ca_file: "client2_selfsigned.pem"
              client_allowed_sans:
                - "one"
                - "test3"
            """,
            """
            tls_server_config:
              cert_file: "server.crt"
              key_file: "server.key"
              cipher_suites:
              - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
              - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
              - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
              - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
              - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
              - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
              - TLS_AES_128_GCM_SHA256
              - TLS_AES_256_GCM_SHA384
              - TLS_CHACHA20_POLY1305_SHA256
              - TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
              - TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA
              - TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
              - TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA
            """,
            "tls_server_config: {\(files), curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]}",
            "tls_server_config: {\(files), min_version: TLS13, curve_preferences: [CurveP521]}",
            """
            tls_server_config: {\(files), cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384], max_version: TLS12}
            http_server_config: {http2: false}
            """,
            """
            tls_server_config: {\(files), min_version: TLS12, max_version: TLS12, prefer_server_cipher_suites: false,
              cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]}
            """,
            "rate_limit:\n  interval: 0\n  burst: 0\n",
            "basic_auth_users:\n  bob: $2y$18$4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.\n",
        ])
    func whatWorksThereWorksHere(_ text: String) {
        #expect(error(text) == nil)
    }

    @Test(
        "What is broken there is broken here",
        arguments: [
            ("tls_server_config: {cert_filse: server.crt}", "no key"),
            ("tls_server_config: {cert_file: '', key_file: server.key}", "needs one of cert_file and cert"),
            ("tls_server_config: {cert: '', key_file: server.key}", "needs one of cert_file and cert"),
            ("tls_server_config: {cert_file: server.crt, key_file: ''}", "needs one of key_file and key"),
            ("tls_server_config: {cert_file: '', key_file: '', client_auth_type: x}", "needs one of cert_file and cert"),
            ("tls_server_config: {\(files), client_ca_file: /dev/null}", "client_auth_type does not ask for certificates"),
            ("tls_server_config: {\(files), min_version: TLS111}", "min_version cannot be"),
            ("tls_server_config: {\(files), curve_preferences: [CurveP257]}", "curve_preferences cannot be"),
            (
                "tls_server_config: {\(files), cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048]}",
                "cipher_suites cannot be"
            ),
            (
                "tls_server_config: {\(files), cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384], max_version: TLS12}",
                "lacks what HTTP/2 requires"
            ),
            ("tls_server_config: {\(files)}\nbasic_auth_users: {john: doe}", "not a bcrypt hash"),
            ("http_server_config: {headers: {X-Content-Type-Options: sniff}}", "must be nosniff"),
            ("http_server_config: {headers: {X-Frame-Options: foo}}", "must be deny or sameorigin"),
            ("http_server_config: {headers: {Content-Type: foo}}", "no key"),
            // These start there and are refused here: the first two would take every public authority's certificates, the third
            // would refuse every request.
            (
                "tls_server_config: {\(files), client_auth_type: VerifyClientCertIfGiven}",
                "needs one of client_ca_file and client_ca"
            ),
            (
                "tls_server_config: {\(files), client_auth_type: RequireAndVerifyClientCert}",
                "needs one of client_ca_file and client_ca"
            ),
            ("rate_limit: {interval: 1s, burst: 0}", "burst must be at least 1"),
        ])
    func whatIsBroken(_ text: String, _ says: String) {
        #expect(error(text)?.contains(says) == true, "\(error(text) ?? "nothing")")
    }
}

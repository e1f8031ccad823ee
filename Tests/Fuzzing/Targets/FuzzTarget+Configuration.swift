import Foundation

@testable import Configuration
@testable import ExporterWeb

extension FuzzTarget {
    /// A configuration file.
    static let yaml = FuzzTarget(
        "yaml",
        seeds: [
            "api:\n  url: https://a.example\n  id: [a, 'b']\n  key-file: key\npart: {enabled: no, ttl: 2m}\nloud: yes\n",
            "things: {a: &ids [x, \"\\u00fc\\n\"], b: &api {url: !!str 7}}\napi: {<<: *api, id: *ids}\nlog:\n  level: |\n    debug\n",
            "api.url: x\n", "? a\n: b\n", "%YAML 1.1\n---\n{}\n...\n", "a: &a [*a]", "\u{FEFF}# c\n- >-\n  x\n\t\n",
            "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n", "[[[[{{{{!!set {? a}",
            "\"\\x\0\u{85}",
            "<<: [{a: 1}, {b: *x}]\n",
        ], longestInput: 1_048_576
    ) { input throws(BrokenPromise) in
        let root: YAMLNode
        do throws(YAMLError) {
            root = try YAMLDocument.read(input)
        } catch {
            return try promiseOneLine(error.description)
        }
        do throws(InvalidArgument) {
            _ = try layer.values(in: root, place: "the configuration")
        } catch {
            try promiseOneLine(error.description)
        }
    }

    /// A web configuration file.
    static let webConfiguration = FuzzTarget(
        "web-configuration",
        seeds: [
            """
            tls_server_config:
              cert_file: server.crt
              key_file: /server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.crt
              client_allowed_sans: [a.example, 192.0.2.1]
              min_version: TLS12
              max_version: TLS13
              cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
              prefer_server_cipher_suites: true
              curve_preferences: [X25519, CurveP256]
            http_server_config:
              http2: false
              headers:
                Strict-Transport-Security: max-age=31536000
                X-Frame-Options: deny
            basic_auth_users:
              alice: $2y$10$abcdefghijklmnopqrstuuKcMDpBPGLRQ9mU7yXzrrQbqKbkbXQ0O
            rate_limit: {interval: 1s, burst: 20}

            """,
            "tls_server_config: {cert: \"-----BEGIN CERTIFICATE-----\\n\", key: x}\nrate_limit: {interval: 99999999999h}\n",
            "basic_auth_users: {a: $2y$99$x, 'b:c': d}\n", "http_server_config: {headers: {X-Other: \"a\\r\\nb\", a: []}}\n",
            "rate_limit: {interval: 1ns, burst: 9223372036854775807}\n", "rate_limit: {interval: -1s, burst: 1e9}", "~", "[]",
        ], longestInput: 1_048_576
    ) { input throws(BrokenPromise) in
        let file: WebConfigurationFile
        do throws(WebConfigurationError) {
            file = try WebConfigurationFile(reading: input, directory: "/nonexistent")
        } catch {
            return try promiseOneLine(error.description)
        }
        for warning in file.warnings { try promiseOneLine(warning.description) }
    }

    private static let layer: FileLayer = {
        func setting(_ name: String, _ kind: Setting.Kind) -> Setting {
            Setting(
                name: name, kind: kind, meaning: "", valueName: nil, values: [], defaultValue: nil, section: nil,
                isHidden: false)
        }
        let catalogue = SettingCatalogue([
            setting("api.url", .option(isRepeatable: false)), setting("api.key-file", .option(isRepeatable: false)),
            setting("api.id", .option(isRepeatable: true)), setting("part", .flag(isInverted: true)),
            setting("part.ttl", .option(isRepeatable: false)), setting("loud", .flag(isInverted: false)),
            setting("log.level", .option(isRepeatable: false)),
        ])
        return FileLayer(
            path: "/etc/sample.yml", keys: SettingKeys(catalogue), advice: ["api.key": "not here"], others: ["things"])
    }()
}

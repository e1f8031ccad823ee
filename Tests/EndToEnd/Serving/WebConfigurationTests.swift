import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct WebConfigurationTests {
    /// The example in the exporter-toolkit's documentation.
    static let documentedExample = """
        tls_server_config:
          cert_file: server.crt
          key_file: server.key
        basic_auth_users:
          alice: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze
          bob: $2y$10$hLqFl9jSjoAAy95Z/zw8Ye8wkdMBM8c5Bn1ptYqP/AXyV0.oy0S8m
        rate_limit:
          interval: "1s" # time interval between two requests, set to 0 to disable rate limiter
          burst: 20 # and permits a burst of up to 20 requests.
        """
    /// The hash of "dave123", a password of the exporter-toolkit's tests.
    static let dave = "$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq"
    /// The hash of "carol123".
    static let carol = "$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu"

    private func exporting<Result>(
        _ configuration: String, in directory: TemporaryDirectory, _ arguments: [String] = [],
        _ body: (RunningExporter) async throws -> Result
    ) async throws -> Result {
        let file = try directory.write(configuration, to: "web.yml")
        return try await RunningExporter.runningDemo(["--buckets", "1", "--web.config.file", file] + arguments, body)
    }

    /// The status that curl reports for a request; nil if there was no response.
    private func status(_ url: String, _ options: String...) async throws -> Int? {
        (try? await HTTP.send("GET", url, options: options))?.status
    }

    @Test func documentedExampleWorks() async throws {
        let directory = try TemporaryDirectory()
        let authority = try await CertificateAuthority(in: directory)
        let server = try await authority.issue("server", .server)
        try FileManager.default.moveItem(atPath: server.certificate, toPath: directory.path("server.crt"))
        try await exporting(Self.documentedExample, in: directory) { exporter in
            let url = "https://\(exporter.addresses[0])/metrics"
            let trusting = ["--cacert", authority.certificate]
            #expect(try await status("http://\(exporter.addresses[0])/metrics") == nil)
            // The certificate is not from one of the system's authorities.
            #expect(try await status(url) == nil)

            let refused = try await HTTP.send("GET", url, options: trusting)
            #expect(refused.status == 401)
            #expect(refused.fields["www-authenticate"] == "Basic realm=\"flashback-exporter\", charset=\"UTF-8\"")
            #expect(try await status(url, trusting[0], trusting[1], "--user", "alice:wrong") == 401)
            #expect(try await status(url, trusting[0], trusting[1], "--user", "carol:alice123") == 401)
            let answer = try await HTTP.send("GET", url, options: trusting + ["--user", "alice:alice123"])
            #expect(answer.status == 200)
            #expect(
                try Metrics(answer.text).value(
                    "flashback_exporter_config_last_reload_successful", ["configuration": "web"]) == 1)
            #expect(try await status("https://\(exporter.addresses[0])/-/healthy", trusting[0], trusting[1]) == 200)

            // All requests in one run, because starting curl takes time.
            let many = try await RunningProcess.finished(
                try Program.curl(),
                ["-q", "--silent", "--noproxy", "*", "--cacert", authority.certificate, "--output", "/dev/null"]
                    + ["--write-out", "%{http_code} %header{retry-after}\\n", url + "?[1-100]"])
            let lines = many.outputText.split(separator: "\n")
            #expect(lines.count { $0 == "401 " } >= 10)
            #expect(lines.count { $0 == "429 1" } >= 10)
            #expect(try await status("https://\(exporter.addresses[0])/-/healthy", trusting[0], trusting[1]) == 200)
        }
    }

    @Test func headersAndPasswordsWorkWithoutTLS() async throws {
        let directory = try TemporaryDirectory()
        let configuration = """
            http_server_config:
              headers:
                X-Frame-Options: deny
                Strict-Transport-Security: max-age=31536000; includeSubDomains
                X-Content-Type-Options: nosniff
                X-XSS-Protection: 1
                Content-Security-Policy: "default-src 'self' *.test.example.net"
            basic_auth_users:
              dave: \(Self.dave)
            """
        try await exporting(configuration, in: directory) { exporter in
            for (path, password, status) in [("/", "dave123", 200), ("/metrics", "dave", 401), ("/-/ready", "", 200)] {
                let answer = try await HTTP.send("GET", exporter.url(path), options: ["--user", "dave:\(password)"])
                #expect(answer.status == status)
                #expect(answer.fields["x-frame-options"] == "deny")
                #expect(answer.fields["strict-transport-security"] == "max-age=31536000; includeSubDomains")
                #expect(answer.fields["x-content-type-options"] == "nosniff")
                #expect(answer.fields["x-xss-protection"] == "1")
                #expect(answer.fields["content-security-policy"] == "default-src 'self' *.test.example.net")
            }
        }
    }

    @Test(
        arguments: [
            ("basic_auth_users:\n  john: canary\n", "line 2, column 9: not a bcrypt hash of a password"),
            ("tls_server_config:\n  cert_file: nowhere.pem\n  key_file: x\n", "cert_file: cannot read "),
            ("tls_server_config:\n  cert_filse: x\n", "did you mean cert_file?"),
            (nil, "cannot read "),
        ] as [(String?, String)])
    func invalidFileAtStartIsOneLineWithStatus2(configuration: String?, says: String) async throws {
        let directory = try TemporaryDirectory()
        if let configuration { try directory.write(configuration, to: "web.yml") }
        let finished = try await RunningProcess.finished(
            Program.exporter, ["demo", "--web.listen-address", "127.0.0.1:0", "--web.config.file", directory.path("web.yml")])
        #expect(finished.end == .status(2))
        #expect(finished.errorText.hasPrefix("flashback-exporter: error: --web.config.file: "))
        #expect(finished.errorText.contains(says))
        #expect(finished.errorText.contains(directory.path("web.yml")))
        #expect(finished.errorText.split(separator: "\n").count == 1)
        #expect(!finished.errorText.contains("canary"))
    }

    @Test func mismatchedCertificateAndKeyAreReported() async throws {
        let directory = try TemporaryDirectory()
        let authority = try await CertificateAuthority(in: directory)
        try await authority.issue("server", .server)
        try await authority.issue("other", .server)
        let file = try directory.write("tls_server_config: {cert_file: server.pem, key_file: other.key}", to: "web.yml")
        let finished = try await RunningProcess.finished(
            Program.exporter, ["demo", "--web.listen-address", "127.0.0.1:0", "--web.config.file", file])
        #expect(finished.end == .status(2))
        #expect(finished.errorText.contains("key_file: the key does not match the certificate in cert_file\n"))
    }

    @Test func requestLimitExemptsHealth() async throws {
        let simulation = FlashbackSimulation.small { $0.latency = .seconds(600) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            let limits = ["--web.max-requests", "1", "--scrape.timeout", "20s"]
            try await RunningExporter.running(simulator.url, limits) { exporter in
                // One after the other: if another request took the only place first, the scrape would be refused.
                let scrape = try HeldRequest(exporter.addresses[0], "/metrics")
                try await eventually("the scrape is read") { try scrape.wasRead() }
                try await eventually("the scrape occupies the only place") {
                    try await exporter.send("GET", "/nowhere").status == 503
                }
                let refused = try await exporter.send("GET", "/nowhere")
                #expect(refused.fields["retry-after"] == "1")
                #expect(refused.text == "The limit of 1 concurrent requests is reached.\n")
                #expect(try await exporter.send("GET", "/-/healthy").status == 200)
                #expect(try await scrape.answer().status == 200)
                #expect(try await exporter.send("GET", "/nowhere").status == 404)
            }
        }
    }

    @Test func disconnectedClientsReleaseTheirRequests() async throws {
        let simulation = FlashbackSimulation.small { $0.latency = .seconds(600) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--web.max-requests", "1"]) { exporter in
                for _ in 0..<5 {
                    do {
                        let scrape = try HeldRequest(exporter.addresses[0], "/metrics")
                        try await eventually("the scrape is read") { try scrape.wasRead() }
                    }
                    // The exporter has closed its end, and the API has not answered.
                    try await eventually("a place") { try await exporter.send("GET", "/nowhere").status == 404 }
                }
            }
        }
    }

    @Test func truncatedFileKeepsPasswordsAndIsLogged() async throws {
        let directory = try TemporaryDirectory()
        let whole = "http_server_config: {headers: {X-Frame-Options: deny}}\nbasic_auth_users: {dave: \(Self.dave)}\n"
        try await exporting(whole, in: directory) { exporter in
            #expect(try await exporter.send("GET", "/metrics").status == 401)
            try directory.write(String(whole.prefix { $0 != "\n" }), to: "web.yml")
            let line = try await exporter.process.line(containing: "keeping the previous one")
            #expect(line.contains("passwords cannot be turned off"))
            #expect(try await exporter.send("GET", "/metrics").status == 401)
            #expect(try await status(exporter.url(), "--user", "dave:dave123") == 200)
        }
    }

    @Test func rateLimitWithoutBurstRefusesAllButHealthAndWarns() async throws {
        let directory = try TemporaryDirectory()
        try await exporting("rate_limit: {interval: 1s, burst: 0}\n", in: directory) { exporter in
            for _ in 0..<3 { #expect(try await exporter.send("GET", "/metrics").status == 429) }
            #expect(try await exporter.send("GET", "/-/healthy").status == 200)
            _ = try await exporter.process.line(containing: "a burst of 0 refuses every request")
        }
    }

    @Test func certificatesRotateAndInvalidFilesAreIgnored() async throws {
        let directory = try TemporaryDirectory()
        let authority = try await CertificateAuthority(in: directory)
        try await authority.issue("server", .server, key: .rsa)
        let good = "tls_server_config: {cert_file: server.pem, key_file: server.key}\nbasic_auth_users: {dave: \(Self.dave)}\n"
        try await exporting(good, in: directory) { exporter in
            func ask(_ user: String, _ path: String = "/metrics") async throws -> HTTP.Answer {
                try await HTTP.send(
                    "GET", "https://\(exporter.addresses[0])\(path)",
                    options: ["--cacert", authority.certificate, "--user", user])
            }
            func reloads(_ user: String) async throws -> Double? {
                try Metrics(try await ask(user).text).value(
                    "flashback_exporter_config_last_reload_successful", ["configuration": "web"])
            }
            func subject() async throws -> String {
                let finished = try await RunningProcess.finished(
                    try Program.openssl(), ["s_client", "-connect", exporter.addresses[0], "-showcerts"])
                return finished.outputText
            }
            #expect(try await ask("dave:dave123").status == 200)
            let first = try await subject()
            #expect(first.contains("BEGIN CERTIFICATE"))

            // Another key and certificate; for a moment they do not match.
            try await authority.issue("server", .server, key: .p256)
            try await eventually("the new certificate is shown") { try await subject().contains("Peer signature type: ECDSA") }
            #expect(!first.contains("Peer signature type: ECDSA"))
            #expect(try await reloads("dave:dave123") == 1)

            try directory.write(good + "rate_limits: {}\n", to: "web.yml")
            try await eventually("the invalid file is reported") { try await reloads("dave:dave123") == 0 }
            let said = try await exporter.process.lines(containing: "cannot load the web configuration", count: 1)
            #expect(said.count == 1)
            #expect(said[0].contains("did you mean rate_limit?"))

            // When the password changes, the remembered one is forgotten.
            try directory.write(good.replacing(Self.dave, with: Self.carol), to: "web.yml")
            try await eventually("the new password is accepted") { try await ask("dave:carol123").status == 200 }
            #expect(try await ask("dave:dave123").status == 401)
            #expect(try await reloads("dave:carol123") == 1)

            try directory.write("basic_auth_users: {}\n", to: "web.yml")
            _ = try await exporter.process.line(containing: "TLS cannot be turned off, and passwords cannot be turned off")
            #expect(try await ask("dave:carol123").status == 200)
            #expect(try await ask("dave:x").status == 401)
            let log = exporter.process.text(of: .error)
            #expect(!log.contains("$2y$") && !log.contains("PRIVATE") && !log.contains("dave123"))
        }
    }

    @Test func prometheusScrapesWithTLSClientCertificateAndPassword() async throws {
        let directory = try TemporaryDirectory()
        let authority = try await CertificateAuthority(in: directory)
        try await authority.issue("server", .server)
        let client = try await authority.issue("prometheus", .client, names: "DNS:prometheus.example")
        let configuration = """
            tls_server_config:
              cert_file: server.pem
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: authority.pem
              client_allowed_sans: [prometheus.example]
            basic_auth_users:
              dave: \(Self.dave)
            """
        try await exporting(configuration, in: directory) { exporter in
            let settings = [
                "scheme: https", "basic_auth: {username: dave, password: dave123}",
                "tls_config: {ca_file: \(authority.certificate), cert_file: \(client.certificate), key_file: \(client.key)}",
            ]
            try await RunningPrometheus.scraping(exporter.addresses, settings: settings) { prometheus in
                try await prometheus.allUp(1)
                let series = try await prometheus.query(#"flashback_exporter_config_last_reload_successful{configuration="web"}"#)
                #expect(series.map(\.value) == [1])
            }
            _ = try await RunningPrometheus.scraping(exporter.addresses, settings: Array(settings.dropLast())) { prometheus in
                try await prometheus.query("up") { $0.map(\.value) == [0] }
            }
        }
    }
}

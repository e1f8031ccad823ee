import Configuration
import Testing

/// What the environment may contain.
@Suite struct EnvironmentLayerTests {
    @Test func valuesAreReadLikeFlagsAndListsSplitAtCommas() async throws {
        let options = try await SampleConfiguration.options(
            [],
            [
                "SAMPLE_API_URL": "--loud", "SAMPLE_API_ID": "a, b ,c d", "SAMPLE_API_COUNT": "-3", "SAMPLE_LOUD": "true",
                "SAMPLE_PART": "false", "SAMPLE_PART_TTL": "1h30m",
            ])
        #expect(options.url == "--loud")
        #expect(options.ids == ["a", "b", "c d"])
        #expect(options.count == -3)
        #expect(options.isLoud)
        #expect(!options.hasPart)
        #expect(options.lifetime.duration == .seconds(5400))
    }

    @Test func emptyVariableIsUnset() async throws {
        let empty = ["SAMPLE_API_URL": "", "SAMPLE_API_ID": "", "SAMPLE_PART": "", "SAMPLE_CONFIG_FILE": ""]
        let options = try await SampleConfiguration.options([], empty)
        #expect(options.url == "https://default.example")
        #expect(options.ids == ["default"])
        #expect(options.hasPart)
        #expect(try await SampleConfiguration.options([], ["SAMPLE_API_URL": ""], file: "api: {url: f}").url == "f")
    }

    @Test func unrelatedVariablesAreIgnored() async throws {
        #expect(
            try await SampleConfiguration.refusal([], ["PATH": "/bin", "SAMPLER": "1", "XSAMPLE_URL": "1", "sample_x": ""]) == nil
        )
    }

    @Test(
        arguments: [
            ("SAMPLE_API_URK", "1", "unknown variable SAMPLE_API_URK; did you mean SAMPLE_API_URL?"),
            ("SAMPLE_API_URK", "", "unknown variable SAMPLE_API_URK; did you mean SAMPLE_API_URL?"),
            ("SAMPLE_QQQQQQQQQQQQQQQQ", "1", "unknown variable SAMPLE_QQQQQQQQQQQQQQQQ; --help lists them"),
            ("SAMPLE_NO_PART", "true", "unknown variable SAMPLE_NO_PART; did you mean SAMPLE_PART?"),
            ("SAMPLE_API_KEY", "c4nary", "SAMPLE_API_KEY: write the key to a file and name that in key-file"),
            ("SAMPLE_PART", "yes", "SAMPLE_PART must be true or false"),
            ("SAMPLE_PART", "1", "SAMPLE_PART must be true or false"),
        ])
    func unknownVariableErrorSuggestsTheNearestName(_ name: String, _ value: String, _ says: String) async throws {
        #expect(try await SampleConfiguration.refusal([], [name: value]) == says)
    }

    @Test func invalidValueErrorNamesTheVariable() async throws {
        let refusal = try #require(try await SampleConfiguration.refusal([], ["SAMPLE_PART_TTL": "30"], file: "part: {ttl: 1m}"))
        #expect(refusal.contains("'--part.ttl <duration>': a duration is written like 30s"))
        #expect(refusal.hasSuffix("(--part.ttl is set by SAMPLE_PART_TTL)"), "\(refusal)")
    }

    @Test(
        arguments: [
            ("SAMPLE_SERVICE_HOST", "10.0.0.1"), ("SAMPLE_SERVICE_PORT", "10420"), ("SAMPLE_SERVICE_PORT_METRICS", "10420"),
            ("SAMPLE_PORT", "tcp://10.0.0.1:10420"), ("SAMPLE_PORT_10420_TCP", "tcp://10.0.0.1:10420"),
            ("SAMPLE_PORT_10420_TCP_PROTO", "tcp"), ("SAMPLE_PORT_10420_TCP_PORT", "10420"),
            ("SAMPLE_PORT_10420_TCP_ADDR", "10.0.0.1"), ("SAMPLE_PORT_53_UDP_ADDR", "10.0.0.1"),
            ("SAMPLE_SHARDS_SERVICE_HOST", "10.0.0.1"), ("SAMPLE_SHARDS_PORT_9090_TCP", "tcp://10.0.0.1:9090"),
            ("SAMPLE_SHARDS_PORT", "tcp://10.0.0.1:9090"), ("SAMPLE_SHARDS_SERVICE_PORT_HTTP_METRICS", "9090"),
        ])
    func kubernetesServiceLinksAreIgnored(_ name: String, _ value: String) async throws {
        #expect(try await SampleConfiguration.refusal([], [name: value]) == nil)
    }

    @Test(
        arguments: [
            ("SAMPLE_PORT", "10420"), ("SAMPLE_PORT_10420", "tcp"), ("SAMPLE_PORT_HTTP_TCP", "80"),
            ("SAMPLE_PORT_99999_TCP", "x"),
            ("SAMPLE_SERVICE_PORT_METRICS", "high"), ("SAMPLE_SERVICE", "x"),
        ])
    func similarVariablesAreNotServiceLinks(_ name: String, _ value: String) async throws {
        #expect(try await SampleConfiguration.refusal([], [name: value])?.contains(name) == true)
    }
}

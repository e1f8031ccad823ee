import Configuration
import TestSupport
import TestTools
import Testing

/// The precedence of the layers.
@Suite struct LayerTests {
    private static let file = "api: {url: 'https://file.example', id: [f1, f2]}\nlog: {level: warn}\npart: {ttl: 1m}\n"
    private static let variables = ["SAMPLE_API_URL": "https://variable.example", "SAMPLE_API_ID": "v1,v2"]

    @Test func defaultsApplyWithoutLayers() async throws {
        let options = try await SampleConfiguration.options()
        #expect(options.url == "https://default.example")
        #expect(options.ids == ["default"])
        #expect(options.lifetime.duration == .seconds(5))
    }

    @Test func flagOverridesVariableOverridesFileOverridesDefault() async throws {
        let file = try await SampleConfiguration.options(file: Self.file)
        #expect(file.url == "https://file.example")
        #expect(file.ids == ["f1", "f2"])
        #expect(file.level == .warn)
        #expect(file.lifetime.duration == .seconds(60))

        let variables = try await SampleConfiguration.options([], Self.variables, file: Self.file)
        #expect(variables.url == "https://variable.example")
        #expect(variables.level == .warn)

        let flags = try await SampleConfiguration.options(["--api.url=https://flag.example"], Self.variables, file: Self.file)
        #expect(flags.url == "https://flag.example")
        #expect(flags.level == .warn)
    }

    @Test func highestLayerReplacesTheWholeList() async throws {
        #expect(try await SampleConfiguration.options([], Self.variables, file: Self.file).ids == ["v1", "v2"])
        #expect(try await SampleConfiguration.options(["--api.id=c"], Self.variables, file: Self.file).ids == ["c"])
        let several = ["--api.id", "c", "--log.level=debug", "--api.id=d"]
        #expect(try await SampleConfiguration.options(several, Self.variables, file: Self.file).ids == ["c", "d"])
    }

    @Test func higherLayerCanTurnABooleanOff() async throws {
        #expect(try await !SampleConfiguration.options(file: "part: false").hasPart)
        #expect(try await SampleConfiguration.options([], ["SAMPLE_PART": "true"], file: "part: false").hasPart)
        #expect(try await !SampleConfiguration.options(["--no-part"], ["SAMPLE_PART": "true"], file: "part: true").hasPart)
        #expect(try await SampleConfiguration.options(["--part"], ["SAMPLE_PART": "false"]).hasPart)
        #expect(try await SampleConfiguration.options(file: "loud: true").isLoud)
        #expect(try await !SampleConfiguration.options([], ["SAMPLE_LOUD": "false"], file: "loud: true").isLoud)
    }

    @Test func overriddenValuesAreNotValidated() async throws {
        let options = try await SampleConfiguration.options(
            ["--part.ttl=1h"], ["SAMPLE_PART_TTL": "soon"], file: "part: {ttl: x}")
        #expect(options.lifetime.duration == .seconds(3600))
    }

    @Test func fileNameComesFromTheHighestLayerAndMayBeEmpty() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("api: {url: https://one.example}", to: "one.yml")
            try folder.write("api: {url: https://two.example}", to: "two.yml")
            func url(_ arguments: [String]) throws -> String {
                let environment = ["SAMPLE_CONFIG_FILE": folder.path("one.yml")]
                return try LayeredConfiguration(SampleConfiguration.rules, arguments: arguments, environment: environment)
                    .parse(SampleOptions.self).url
            }
            #expect(try url([]) == "https://one.example")
            #expect(try url(["--config.file=\(folder.path("two.yml"))"]) == "https://two.example")
            #expect(try url(["--config.file", folder.path("two.yml")]) == "https://two.example")
            #expect(try url(["--config.file", ""]) == "https://default.example")
            #expect(try url(["--", "--config.file", folder.path("two.yml")]) == "https://one.example")
        }
    }

    @Test func fileIsReadAgainWithTheSameFlagsAndVariables() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("api: {url: https://one.example, id: f}", to: "sample.yml")
            let before = try LayeredConfiguration(
                SampleConfiguration.rules, arguments: ["--api.id=c"],
                environment: ["SAMPLE_CONFIG_FILE": folder.path("sample.yml")])
            try folder.write("api: {url: https://two.example, id: g}", to: "sample.yml")
            #expect(try before.parse(SampleOptions.self).url == "https://one.example")
            let after = try before.reloaded().parse(SampleOptions.self)
            #expect(after.url == "https://two.example")
            #expect(after.ids == ["c"])
            try folder.write("api: {urn: https://two.example}", to: "sample.yml")
            #expect(throws: InvalidArgument.self) { try before.reloaded() }
        }
    }

    @Test func otherPartsOfTheFileArePassedOn() async throws {
        let configuration = try await SampleConfiguration.layers(file: "things: [a, b]\nloud: true")
        let document = try #require(configuration.document("things"))
        #expect(try document.elements(of: "things").count == 2)
        #expect(document.position.line == 1)
        #expect(try await SampleConfiguration.layers(file: "things:\nloud: true").document("things") == nil)
        #expect(try await SampleConfiguration.layers().document("things") == nil)
    }

    @Test func settingsCanReplaceOthers() async throws {
        let configuration = try await SampleConfiguration.layers(["--api.id=a", "--api.id=b", "--api.count=3"])
        let other = try configuration.replacing(["api.id": SettingValue(["x"], from: .variable("X"))]).parse(SampleOptions.self)
        #expect(other.ids == ["x"])
        #expect(other.count == 3)
    }
}

import Configuration
import Testing

@Suite struct SettingCatalogueTests {
    private let catalogue = SampleConfiguration.catalogue

    @Test func listsEveryFlagInOrderExceptHelp() {
        let names = [
            "config.file", "api.url", "api.key-file", "api.id", "api.count", "part", "part.ttl", "loud", "log.level",
        ]
        #expect(catalogue.settings.map(\.name) == names)
    }

    @Test func knowsTheKindOfEveryValue() {
        #expect(catalogue["api.url"]?.kind == .option(isRepeatable: false))
        #expect(catalogue["api.id"]?.kind == .option(isRepeatable: true))
        #expect(catalogue["part"]?.kind == .flag(isInverted: true))
        #expect(catalogue["loud"]?.kind == .flag(isInverted: false))
        #expect(catalogue["api.key-file"]?.namesFile == true)
        #expect(catalogue["config.file"]?.namesFile == true)
        #expect(catalogue["api.url"]?.namesFile == false)
        #expect(catalogue["log.level"]?.values == ["debug", "info", "warn", "error"])
    }

    @Test func separatesDescriptionsFromDefaults() {
        #expect(catalogue["api.url"]?.meaning == "Its address.")
        #expect(catalogue["api.url"]?.valueName == "url")
        #expect(catalogue["api.url"]?.defaultValue == "https://default.example")
        #expect(catalogue["api.key-file"]?.meaning == "File of a key.")
        #expect(catalogue["api.key-file"]?.defaultValue == "the system's own key")
        #expect(catalogue["part.ttl"]?.meaning == "How long.")
        #expect(catalogue["part.ttl"]?.defaultValue == "5s")
        #expect(catalogue["part"]?.defaultValue == "true")
        #expect(catalogue["loud"]?.defaultValue == "false")
        #expect(catalogue["config.file"]?.defaultValue == nil)
    }

    @Test func omitsFlagsOfTheCommandLineOnly() {
        let catalogue = SettingCatalogue(of: SampleOptions.self, except: ["loud"])
        #expect(catalogue["loud"] == nil)
        #expect(catalogue["part"] != nil)
    }

    @Test func variableNamesFollowFromFlagNames() {
        #expect(catalogue["api.key-file"]?.variable(prefix: "SAMPLE_") == "SAMPLE_API_KEY_FILE")
        #expect(catalogue["part.ttl"]?.variable(prefix: "SAMPLE_") == "SAMPLE_PART_TTL")
    }

    @Test func knowsNamesThatArePrefixesOfOthers() {
        #expect(catalogue.isBeginning("part"))
        #expect(!catalogue.isBeginning("part.ttl"))
        #expect(!catalogue.isBeginning("par"))
    }
}

import Configuration
import Testing

@Suite("The catalogue of settings")
struct SettingCatalogueTests {
    private let catalogue = SampleConfiguration.catalogue

    @Test("It has every flag in its order, but for the help's own")
    func names() {
        let names = [
            "config.file", "api.url", "api.key-file", "api.id", "api.count", "part", "part.ttl", "loud", "log.level",
        ]
        #expect(catalogue.settings.map(\.name) == names)
    }

    @Test("It knows what kind of value each takes")
    func kinds() {
        #expect(catalogue["api.url"]?.kind == .option(isRepeatable: false))
        #expect(catalogue["api.id"]?.kind == .option(isRepeatable: true))
        #expect(catalogue["part"]?.kind == .flag(isInverted: true))
        #expect(catalogue["loud"]?.kind == .flag(isInverted: false))
        #expect(catalogue["api.key-file"]?.namesFile == true)
        #expect(catalogue["config.file"]?.namesFile == true)
        #expect(catalogue["api.url"]?.namesFile == false)
        #expect(catalogue["log.level"]?.values == ["debug", "info", "warn", "error"])
    }

    @Test("It tells meanings and defaults apart, wherever they are declared")
    func defaults() {
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

    @Test("Flags for the command line alone are left out")
    func exceptions() {
        let catalogue = SettingCatalogue(of: SampleOptions.self, except: ["loud"])
        #expect(catalogue["loud"] == nil)
        #expect(catalogue["part"] != nil)
    }

    @Test("A variable's name follows from the flag's by one rule")
    func variables() {
        #expect(catalogue["api.key-file"]?.variable(prefix: "SAMPLE_") == "SAMPLE_API_KEY_FILE")
        #expect(catalogue["part.ttl"]?.variable(prefix: "SAMPLE_") == "SAMPLE_PART_TTL")
    }

    @Test("A name that begins others is known to")
    func beginnings() {
        #expect(catalogue.isBeginning("part"))
        #expect(!catalogue.isBeginning("part.ttl"))
        #expect(!catalogue.isBeginning("par"))
    }
}

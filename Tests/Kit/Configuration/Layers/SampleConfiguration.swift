import ArgumentParser
import Configuration
import TestSupport
import TestTools

/// Flags of every kind.
struct SampleOptions: ParsableArguments {
    @Option(name: .customLong("config.file"), help: "The file.")
    var file: String?

    @Option(name: .customLong("api.url"), help: ArgumentHelp("Its address.", valueName: "url"))
    var url = "https://default.example"

    @Option(name: .customLong("api.key-file"), help: "File of a key. (default: the system's own key)")
    var keyFile: String?

    @Option(name: .customLong("api.id"), help: "May be repeated.")
    var ids = ["default"]

    @Option(name: .customLong("api.count"), parsing: .unconditional)
    var count = 1

    @Flag(name: .customLong("part"), inversion: .prefixedNo, help: "Whether it is there.")
    var hasPart = true

    @Option(duration: "part.ttl", default: .seconds(5), help: "How long.")
    var lifetime: PrometheusDuration

    @Flag(name: .customLong("loud"))
    var isLoud = false

    @Option(name: .customLong("log.level"), help: "The level.")
    var level = LogOptions.Level.info
}

/// The layers of a program with these flags.
enum SampleConfiguration {
    static let rules = ConfigurationRules(
        catalogue: { SettingCatalogue(of: SampleOptions.self) }, variablePrefix: "SAMPLE_", fileSetting: "config.file",
        documents: ["things"],
        advice: ["api.key": "write the key to a file and name that in key-file", "config": "not in the file"])

    static let catalogue = rules.catalogue()

    /// The combined settings of all layers.
    /// - Parameter file: the file's content; nil for none.
    static func layers(
        _ arguments: [String] = [], _ environment: [String: String] = [:], file: String? = nil
    ) async throws -> LayeredConfiguration {
        try await TemporaryDirectory.with { folder in
            var environment = environment
            if let file {
                try folder.write(file, to: "sample.yml")
                environment["SAMPLE_CONFIG_FILE"] = folder.path("sample.yml")
            }
            return try LayeredConfiguration(rules, arguments: arguments, environment: environment)
        }
    }

    /// The flags with the layers' values.
    static func options(
        _ arguments: [String] = [], _ environment: [String: String] = [:], file: String? = nil
    ) async throws -> SampleOptions {
        try await layers(arguments, environment, file: file).parse(SampleOptions.self)
    }

    /// The error for invalid layers, with "FILE" as the file's name; nil if the layers are valid.
    static func refusal(
        _ arguments: [String] = [], _ environment: [String: String] = [:], file: String? = nil
    ) async throws -> String? {
        do {
            _ = try await options(arguments, environment, file: file)
            return nil
        } catch let error as InvalidArgument {
            // The folder's name differs each time.
            return error.description.split(separator: " ").map { word in
                guard let name = word.firstRange(of: "/sample.yml"), let slash = word.firstIndex(of: "/") else {
                    return String(word)
                }
                return word[..<slash] + "FILE" + word[name.upperBound...]
            }.joined(separator: " ")
        }
    }
}

import ArgumentParser
import Configuration
import TestSupport
import TestTools
import Testing

@testable import FlashbackExporter

/// No setting is missing from a layer, including settings that will be added later.
@Suite struct EverySettingTests {
    private static let rules = ExporterConfiguration.rules
    private static let catalogue = rules.catalogue()
    static let names = catalogue.settings.map(\.name).filter { $0 != rules.fileSetting }

    @Test(arguments: names)
    func variableAndKeyAreRead(_ name: String) async throws {
        let setting = try #require(Self.catalogue[name])
        let value = Self.value(of: setting)
        let variable = setting.variable(prefix: Self.rules.variablePrefix)
        let fromVariable = try LayeredConfiguration(Self.rules, arguments: [], environment: [variable: value])
        #expect(fromVariable.values == [name: SettingValue([value], from: .variable(variable))])
        try await TemporaryDirectory.with { folder in
            let written = setting.valueName == nil ? value : "'\(value)'"
            try folder.write(name.split(separator: ".").reversed().reduce(written) { "{\($1): \($0)}" }, to: "exporter.yml")
            let arguments = ["--config.file", folder.path("exporter.yml")]
            let fromFile = try LayeredConfiguration(Self.rules, arguments: arguments, environment: [:])
            #expect(fromFile.values[name]?.texts == [setting.namesFile ? folder.path(value) : value])
            #expect(fromFile.values.keys.sorted() == ["config.file", name].sorted())
        }
    }

    @Test func layersAndFlagsHaveTheSameEffect() throws {
        let settings = Self.catalogue.settings
        let values = settings.map { ($0.name, SettingValue([Self.value(of: $0)], from: .variable($0.name))) }
        let nothing = try LayeredConfiguration(Self.rules, arguments: [], environment: [:])
        let fromLayer = try nothing.replacing(Dictionary(uniqueKeysWithValues: values)).parse(ExporterOptions.self)
        let flags = settings.map { setting in
            let value = Self.value(of: setting)
            return setting.valueName == nil
                ? (value == "true" ? setting.flag : "--no-\(setting.name)") : "\(setting.flag)=\(value)"
        }
        #expect(try Self.words(for: fromLayer) == Self.words(for: ExporterOptions.parse(flags)))
        for setting in settings { #expect(Self.value(of: setting) != setting.defaultValue, "shows nothing: \(setting.name)") }
    }

    @Test func variablesAndKeysAreDistinct() {
        let variables = Self.catalogue.settings.map { $0.variable(prefix: Self.rules.variablePrefix) }
        #expect(Set(variables).count == variables.count)
        // A name may end with this key only if it cannot be confused with another setting's own value.
        #expect(!Self.names.contains { Self.names.contains("\($0).\(SettingKeys.ownKey)") })
    }

    @Test func deprecatedSettingsAreReadButNotShown() {
        #expect(Self.catalogue.settings.filter(\.isHidden).map(\.name).allSatisfy { $0.hasSuffix(".ttl") })
        #expect(Self.catalogue["collector.daily.ttl"]?.isHidden == true)
        #expect(!Self.catalogue.shown.contains { $0.name == "collector.daily.ttl" })
        #expect(Self.catalogue["collector.daily"].map(Self.catalogue.key) == "collector.daily")
    }

    @Test func everyBooleanHasANegativeFlag() {
        #expect(!Self.catalogue.settings.contains { $0.kind == .flag(isInverted: false) })
    }

    /// A value that is not the default.
    private static func value(of setting: Setting) -> String {
        if let word = setting.values.first(where: { $0 != setting.defaultValue }) { return word }
        return switch setting.valueName {
        case nil: setting.defaultValue == "true" ? "false" : "true"
        case "duration": "7s"
        case "address": "127.0.0.1:1"
        case "name=duration": "status=7s"
        default: "3"
        }
    }

    private static func words(for options: ExporterOptions) -> String {
        // The description of the collectors' flags contains only their declarations, so their values are added.
        let lifetimes = options.collectors.lifetimes.sorted { $0.key < $1.key }
        return "\(options) \(options.collectors.enabled.sorted()) \(lifetimes)"
    }
}

import Configuration
import Foundation
import TestSupport
import TestTools
import Testing

/// What the configuration file may contain.
@Suite struct ConfigurationFileTests {
    @Test(
        arguments: ["", "\n", "# only a comment\n", "---\n", "{}", "~", "api:\n", "api: {}\n", "part:"])
    func emptyFileSetsNothing(_ text: String) async throws {
        let options = try await SampleConfiguration.options(file: text)
        #expect(options.url == "https://default.example")
        #expect(options.hasPart)
    }

    @Test(arguments: ["", "~", "null"])
    func nullKeepsTheDefault(_ value: String) async throws {
        let options = try await SampleConfiguration.options(file: "api: {url: \(value), id: \(value)}\nloud: \(value)\n")
        #expect(options.url == "https://default.example")
        #expect(options.ids == ["default"])
        #expect(!options.isLoud)
    }

    @Test func prefixNameIsAValueOrAMappingWithEnabled() async throws {
        #expect(try await !SampleConfiguration.options(file: "part: no").hasPart)
        let both = try await SampleConfiguration.options(file: "part: {enabled: false, ttl: 2m}")
        #expect(!both.hasPart)
        #expect(both.lifetime.duration == .seconds(120))
        let other = try await SampleConfiguration.options(file: "part: {ttl: 2m}")
        #expect(other.hasPart)
        #expect(other.lifetime.duration == .seconds(120))
    }

    @Test func textsAreTakenLiterally() async throws {
        #expect(try await SampleConfiguration.options(file: "api: {url: 0x10, count: 012}").url == "0x10")
        #expect(try await SampleConfiguration.options(file: "api: {url: '--loud'}").url == "--loud")
        #expect(try await SampleConfiguration.options(file: "api: {url: 'a=b=c'}").url == "a=b=c")
        #expect(try await SampleConfiguration.options(file: "api: {url: '', id: ['', '-x', 'a,b']}").ids == ["", "-x", "a,b"])
        #expect(try await SampleConfiguration.options(file: "api: {url: ''}").url.isEmpty)
        #expect(try await SampleConfiguration.options(file: "api: {url: 'Zürich 🪣'}").url == "Zürich 🪣")
        #expect(try await SampleConfiguration.options(file: "api: {count: -3}").count == -3)
    }

    @Test func singleValueIsAListOfOne() async throws {
        #expect(try await SampleConfiguration.options(file: "api: {id: a}").ids == ["a"])
        #expect(try await SampleConfiguration.options(file: "api:\n  id:\n  - a\n  - b\n").ids == ["a", "b"])
    }

    @Test func anchorsAliasesAndMergeKeysAreResolved() async throws {
        let options = try await SampleConfiguration.options(
            file: "things: {a: &ids [x, y], b: &api {url: https://a.example}}\napi: {<<: *api, id: *ids}\n")
        #expect(options.ids == ["x", "y"])
        #expect(options.url == "https://a.example")
    }

    @Test func pathsAreRelativeToTheConfigurationFile() async throws {
        try await TemporaryDirectory.with { folder in
            func keyFile(_ path: String) throws -> String? {
                try folder.write("api: {key-file: '\(path)', url: key}", to: "sample.yml")
                let options = try LayeredConfiguration(
                    SampleConfiguration.rules, arguments: ["--config.file", folder.path("sample.yml")], environment: [:]
                ).parse(SampleOptions.self)
                #expect(options.url == "key")
                return options.keyFile
            }
            let expected = ["key": folder.path("key"), "../key": folder.path("../key"), "/etc/key": "/etc/key"]
            for (path, meant) in expected {
                let read = try keyFile(path)
                #expect(read == meant)
            }
        }
        #expect(try await SampleConfiguration.options(["--api.key-file=key"]).keyFile == "key")
        #expect(try await SampleConfiguration.options([], ["SAMPLE_API_KEY_FILE": "key"]).keyFile == "key")
    }

    struct Mistake: CustomTestStringConvertible {
        let text: String
        let says: String

        init(_ text: String, says: String) {
            self.text = text
            self.says = says
        }

        var testDescription: String { text }
    }

    static let mistakes = [
        // Names.
        Mistake("apu: {url: x}", says: #"FILE:1:1: the configuration has no key "apu"; did you mean api?"#),
        Mistake("api:\n  urk: x", says: #"FILE:2:3: api has no key "urk"; did you mean url?"#),
        Mistake("api:\n  zzzzzz: x", says: #"FILE:2:3: api has no key "zzzzzz"; known: count, id, key-file, url"#),
        Mistake(
            "key-file: x", says: #"FILE:1:1: the configuration has no key "key-file"; write api.key-file as api: {key-file: …}"#
        ),
        Mistake("part.ttl: 1m", says: #"FILE:1:1: the configuration has no key "part.ttl"; write part.ttl as part: {ttl: …}"#),
        Mistake("part: {tll: 1m}", says: #"FILE:1:8: part has no key "tll"; did you mean ttl?"#),
        Mistake("loud: {enabled: true}", says: "FILE:1:7: loud must be true or false, without quotes, not a mapping"),
        Mistake("tings: []", says: #"did you mean things?"#),
        Mistake("config: {file: x}", says: "FILE:1:1: not in the file"),
        Mistake("Api: {url: x}", says: #"has no key "Api"; did you mean api?"#),
        // Secrets, no part of which is repeated.
        Mistake("api: {key: c4nary}", says: "FILE:1:7: write the key to a file and name that in key-file"),
        // Kinds.
        Mistake("[a]", says: "FILE:1:1: the configuration must be a mapping of keys to values, not a list"),
        Mistake("c4nary", says: "FILE:1:1: the configuration must be a mapping of keys to values"),
        Mistake("api: c4nary", says: "FILE:1:6: api must be a mapping of keys to values"),
        Mistake("api: {url: [a]}", says: "FILE:1:12: api.url must be a string, not a list"),
        Mistake("api: {id: [[a]]}", says: "FILE:1:12: an element of api.id must be a string, not a list"),
        Mistake("api: {id: [a, ~]}", says: "FILE:1:15: an element of api.id must be a string, not null"),
        Mistake("api: {id: []}", says: "FILE:1:11: api.id is an empty list; omit the key for the default"),
        Mistake("api: {id: {a: b}}", says: "FILE:1:11: api.id must be a string, not a mapping"),
        Mistake("part: 1", says: "FILE:1:7: part must be true or false, without quotes"),
        Mistake("part: 'true'", says: "FILE:1:7: part must be true or false, without quotes"),
        Mistake("part: [true]", says: "FILE:1:7: part must be true or false, without quotes, not a list"),
        // YAML.
        Mistake("loud: true\nloud: false", says: #"FILE:2:1: the key "loud" is given twice"#),
        Mistake("loud: true\n---\nloud: false", says: "FILE:2:1: a second document begins here"),
        Mistake("api: {url: x", says: "not valid YAML"),
        Mistake("api: *a", says: "FILE:1:6: *a has no &a before it"),
        Mistake("? [a]\n: b", says: "a key must be a single value"),
        // Values, which the argument parser validates.
        Mistake("part:\n  ttl: 30", says: "'--part.ttl <duration>': a duration is written like 30s"),
        Mistake("part:\n  ttl: 30", says: "(--part.ttl is set at FILE:2:8)"),
        Mistake("api: {count: many}", says: "(--api.count is set at FILE:1:14)"),
        Mistake("log: {level: loud}", says: "(--log.level is set at FILE:1:14)"),
    ]

    @Test(arguments: mistakes)
    func errorIsOneLineWithItsPosition(_ mistake: Mistake) async throws {
        let refusal = try #require(try await SampleConfiguration.refusal(file: mistake.text))
        #expect(refusal.contains(mistake.says), "\(refusal)")
        #expect(!refusal.contains("\n") && !refusal.contains("c4nary"))
    }

    @Test func invalidTextIsRefusedWithItsPosition() async throws {
        try await TemporaryDirectory.with { folder in
            let path = folder.path("sample.yml")
            try (Data("api:\n  url: ".utf8) + [0xFF, 0xFE]).write(to: URL(filePath: path))
            let error = #expect(throws: InvalidArgument.self) {
                try LayeredConfiguration(SampleConfiguration.rules, arguments: ["--config.file=\(path)"], environment: [:])
            }
            #expect(error?.description.hasPrefix("\(path):2:8: not valid YAML") == true, "\(String(describing: error))")
        }
    }

    @Test func unreadableFileErrorHasTheSystemsReason() async throws {
        try await TemporaryDirectory.with { folder in
            for (path, reason) in [(folder.path("missing.yml"), "No such file or directory"), (folder.path(), "Is a directory")] {
                let error = #expect(throws: InvalidArgument.self) {
                    try LayeredConfiguration(SampleConfiguration.rules, arguments: ["--config.file=\(path)"], environment: [:])
                }
                #expect(error?.description == "cannot read the configuration file \(path): \(reason)")
            }
        }
    }

    @Test func endlessFileIsNotReadForever() {
        let error = #expect(throws: InvalidArgument.self) {
            try LayeredConfiguration(SampleConfiguration.rules, arguments: ["--config.file=/dev/zero"], environment: [:])
        }
        #expect(error?.description == "/dev/zero:1:1: the text is longer than 1048576 bytes")
    }
}

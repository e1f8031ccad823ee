import ArgumentParser
import Configuration
import Logging
import Testing

@Suite struct LogOptionsTests {
    @Test func defaultsAreThoseOfPrometheus() throws {
        let options = try LogOptions.parse([])
        #expect(options.level == .info)
        #expect(options.format == .logfmt)
        #expect(options.logger(label: "x").logLevel == .info)
    }

    @Test(arguments: [("debug", Logger.Level.debug), ("info", .info), ("warn", .warning), ("error", .error)])
    func levelsAreParsed(_ word: String, _ level: Logger.Level) throws {
        #expect(try LogOptions.parse(["--log.level", word]).logger(label: "x").logLevel == level)
    }

    @Test func formatsAreParsed() throws {
        #expect(try LogOptions.parse(["--log.format=json"]).format == .json)
    }

    @Test(arguments: [["--log.level=warning"], ["--log.level=INFO"], ["--log.format=xml"]])
    func otherValuesAreRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try LogOptions.parse(arguments) }
    }
}

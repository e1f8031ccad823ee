import Configuration
import Foundation
import Logging
import NIOConcurrencyHelpers
import Testing

@Suite struct LineLogHandlerTests {
    private struct Failure: Error, CustomStringConvertible {
        var description: String { "it \"broke\"" }
    }

    private let date = Date(timeIntervalSince1970: 1_705_314_600.25)

    /// The lines that a logger writes while the body uses it.
    private func written(_ format: LogFormat, level: Logger.Level = .info, _ body: (inout Logger) -> Void) -> String {
        let lines = Lines()
        var logger = Logger(label: "test") { [date] _ in
            LineLogHandler(format: format, now: { date }, write: { lines.append($0) })
        }
        logger.logLevel = level
        body(&logger)
        return lines.text
    }

    @Test func logfmtIsOneLine() {
        let text = written(.logfmt) { $0.info("listening", metadata: ["port": "10420", "address": "[::]:1 x", "empty": ""]) }
        #expect(text == "ts=2024-01-15T10:30:00.250Z level=info msg=listening address=\"[::]:1 x\" empty=\"\" port=10420\n")
    }

    @Test func jsonIsOneObject() throws {
        let text = written(.json) { $0.warning("a \"word\"", metadata: ["n": "\u{1}\\ü🦊"]) }
        #expect(text.hasSuffix("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
        #expect(object == ["ts": "2024-01-15T10:30:00.250Z", "level": "warn", "msg": "a \"word\"", "n": "\u{1}\\ü🦊"])
    }

    @Test(arguments: [
        (Logger.Level.trace, "trace"), (.debug, "debug"), (.info, "info"), (.notice, "notice"), (.warning, "warn"),
        (.error, "error"),
        (.critical, "critical"),
    ])
    func levelsHavePrometheusNames(_ level: Logger.Level, _ name: String) {
        #expect(written(.logfmt, level: .trace) { $0.log(level: level, "x") }.contains(" level=\(name) "))
    }

    @Test func metadataOfTheCallOverridesThatOfTheLogger() {
        let text = written(.logfmt) { logger in
            logger[metadataKey: "a"] = "logger"
            logger[metadataKey: "b"] = "logger"
            logger.info("x", metadata: ["b": "call"])
        }
        #expect(text.hasSuffix("msg=x a=logger b=call\n"))
    }

    @Test func errorIsLogged() {
        #expect(written(.logfmt) { $0.error("failed", error: Failure()) }.hasSuffix("msg=failed err=\"it \\\"broke\\\"\"\n"))
    }

    @Test func linesBelowTheLevelAreNotWritten() {
        #expect(written(.logfmt, level: .warning) { $0.info("x") } == "")
    }

    @Test(
        arguments: LogFormat.allCases,
        [
            "a\nts=forged level=info", "a\r\nb", "a\u{0}b", "\u{1B}[2J", "a\u{85}b", "a\u{9B}31mb", "a\u{2028}b", "a\u{2029}b",
            "\u{7F}",
            "\"quoted\\\"", "e\u{301}\n",
        ])
    func textCannotForgeALine(_ format: LogFormat, _ hostile: String) throws {
        let text = written(format) { $0.info("\(hostile)", metadata: ["id": "\(hostile)"]) }
        let inner = text.unicodeScalars.dropLast()
        #expect(text.unicodeScalars.last == "\n")
        #expect(!inner.contains { $0.properties.generalCategory == .control }, "\(text.debugDescription)")
        #expect(!inner.contains("\u{2028}") && !inner.contains("\u{2029}"))
        if format == .json {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
            #expect(object["msg"].map { Array($0.utf8) } == Array(hostile.utf8))
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("a b", "\"a b\""), ("a=b", "\"a=b\""), ("a\"b", "\"a\\\"b\""), ("a\\b", "a\\b"), ("", "\"\""),
        ("ü", "ü"),
        ("a\tb", "\"a\\tb\""), ("a\u{1}b", "\"a\\u0001b\""),
    ])
    func logfmtQuotesWhereNecessary(_ value: String, _ written: String) {
        let text = self.written(.logfmt) { $0.info("x", metadata: ["k": "\(value)"]) }
        #expect(text.hasSuffix(" msg=x k=\(written)\n"), "\(text)")
    }
}

/// Collects written lines.
private final class Lines: Sendable {
    private let state = NIOLockedValueBox("")

    var text: String { state.withLockedValue { $0 } }
    func append(_ text: String) { state.withLockedValue { $0 += text } }
}

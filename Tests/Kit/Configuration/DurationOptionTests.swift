import ArgumentParser
import Configuration
import Testing

@Suite struct DurationOptionTests {
    private struct Command: ParsableCommand {
        @Option(duration: "wait", default: .seconds(90), help: "How long to wait.")
        var wait: PrometheusDuration

        @Option(duration: "rest", help: "How long to rest.")
        var rest: PrometheusDuration?
    }

    @Test func defaultApplies() throws {
        let command = try Command.parse([])
        #expect(command.wait.duration == .seconds(90))
        #expect(command.rest == nil)
    }

    @Test func valueIsParsed() throws {
        let command = try Command.parse(["--wait=5m", "--rest", "250ms"])
        #expect(command.wait.duration == .seconds(300))
        #expect(command.rest?.duration == .milliseconds(250))
    }

    @Test func helpNamesTheDefault() {
        // Independent of the width of the terminal in which the tests run.
        let help = Command.helpMessage(columns: 80)
        #expect(help.contains("(default: 1m30s)"), "\(help)")
        #expect(help.contains("--wait <duration>"), "\(help)")
    }

    @Test(arguments: [(["--wait", "5"], "a duration is written like"), (["--wait", "-5s"], "must not be negative")])
    func errorSaysWhatIsWrong(_ arguments: [String], _ words: String) {
        let error = #expect(throws: (any Error).self) { try Command.parse(arguments) }
        guard let error else { return }
        let message = Command.message(for: error)
        #expect(message.contains("--wait") && message.contains(words), "\(message)")
    }
}

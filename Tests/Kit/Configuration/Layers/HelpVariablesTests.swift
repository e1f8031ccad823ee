import ArgumentParser
import Configuration
import Foundation
import Testing

@Suite struct HelpVariablesTests {
    private struct Sample: ParsableCommand {
        @Option(help: "Not a setting.") var output: String?
        @OptionGroup var options: SampleOptions
    }

    @Test(arguments: [60, 80, 200])
    func helpShowsTheVariableOfEachSetting(_ columns: Int) {
        let help = CommandLineProgram.help(Sample.helpMessage(columns: columns), SampleConfiguration.rules)
        for setting in SampleConfiguration.catalogue.settings {
            let variable = "[$\(setting.variable(prefix: "SAMPLE_"))]"
            #expect(
                help.components(separatedBy: "\n").count { $0 == String(repeating: " ", count: 26) + variable } == 1,
                "\(variable)")
        }
        #expect(!help.contains("SAMPLE_OUTPUT") && !help.contains("SAMPLE_HELP"))
    }

    @Test func otherHelpTextIsUnchanged() {
        let message = Sample.helpMessage(columns: 80)
        let help = CommandLineProgram.help(message, SampleConfiguration.rules)
        let without = help.components(separatedBy: "\n").filter { !$0.contains("[$") }
        #expect(without.joined(separator: "\n") == message)
        let lines = help.components(separatedBy: "\n")
        let index = lines.firstIndex { $0.hasPrefix("  --api.url") } ?? 0
        #expect(lines[index].contains("Its address."))
        #expect(lines[(index + 1)...].first { $0.contains("[$") }?.contains("[$SAMPLE_API_URL]") == true)
    }
}

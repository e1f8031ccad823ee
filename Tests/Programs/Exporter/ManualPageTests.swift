import Configuration
import Foundation
import Testing

@testable import FlashbackExporter

@Suite struct ManualPageTests {
    /// The items of its lists: the start of each item, and the lines that follow.
    private static let items: [(head: Substring, body: [Substring])] = {
        var items: [(head: Substring, body: [Substring])] = []
        var isOpen = false
        for line in ManualPage.text.split(separator: "\n") {
            if line.hasPrefix(".It ") {
                items.append((line.dropFirst(4), []))
                isOpen = true
            } else if line == ".El" {
                isOpen = false
            } else if isOpen {
                items[items.count - 1].body.append(line)
            }
        }
        return items
    }()

    private static func escaped(_ name: String) -> String { name.replacing("-", with: "\\-") }

    @Test func everySettingIsAnItemWithVariableAndDefault() throws {
        let rules = ExporterConfiguration.rules
        for setting in rules.catalogue().shown {
            let head = "Fl -\(Self.escaped(setting.name))"
            let found = Self.items.filter { $0.head == head || $0.head.hasPrefix("\(head) ") }
            let item = try #require(found.first, "\(setting.name)")
            #expect(found.count == 1, "\(setting.name)")
            #expect(item.body.contains(".Ev \(setting.variable(prefix: rules.variablePrefix)) ."), "\(setting.name)")
            if let value = setting.defaultValue, !["true", "false"].contains(value) {
                // Without the escapes that keep dashes and addresses unchanged.
                let lines = item.body.map { $0.replacing("\\-", with: "-").replacing("\\%", with: "") }
                #expect(lines.contains("Default: \(value)."), "\(setting.name): \(item.body)")
            }
        }
    }

    @Test func booleanFlagAndItsNegationShareAnItem() throws {
        #expect(!Self.items.contains { $0.head.hasPrefix("Fl -no-") })
        let lifecycle = try #require(Self.items.first { $0.head.contains("enable\\-lifecycle") })
        #expect(lifecycle.head == "Fl -web.enable\\-lifecycle , Fl -no-web.enable\\-lifecycle")
        #expect(lifecycle.body.contains("Default: \\-\\-no\\-web.enable\\-lifecycle."))
        let buckets = try #require(Self.items.first { $0.head.hasPrefix("Fl -collector.buckets ,") })
        #expect(buckets.body.contains("Default: \\-\\-collector.buckets."))
    }

    @Test func synopsisSeparatesProgramAndCommands() throws {
        let synopsis = try #require(ManualPage.text.firstMatch(of: /(?s)\.Sh SYNOPSIS\n(.*?)\.Sh/)?.1)
        #expect(synopsis.hasPrefix(".Nm\n.Op Ar option ...\n.Nm\n.Cm demo\n"))
        let commands = synopsis.matches(of: /\.Cm ([a-z-]+)/).map { String($0.1) }
        #expect(commands == ["demo", "collect", "check", "record", "backfill", "healthcheck"], "hidden commands stay hidden")
    }

    @Test func flagsOfACommandAreListedWithIt() throws {
        for (command, flag) in [
            ("collect", "output"), ("healthcheck", "timeout"), ("healthcheck", "pid"), ("demo", "buckets"), ("backfill", "label"),
        ] {
            let section = try #require(ManualPage.text.components(separatedBy: "\n.Ss ").first { $0.hasPrefix("\(command)\n") })
            #expect(section.contains("\n.It Fl -\(flag) Ar "), "\(command): \(section)")
        }
    }
}

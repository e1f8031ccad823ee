import Basics
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("prod-.*", "prod-eu", true), ("prod-.*", "my-prod-eu", false), ("prod", "prod-eu", false), ("prod|test", "test", true),
        // A value matches if any alternative fits the whole value, not only the first alternative that fits.
        ("a|ab", "ab", true), ("(a|ab)(c|bcd)", "abcd", true), ("^prod$", "prod", true), ("", "", true), ("", "x", false),
        (".*", "", true), (".+", "", false), ("[0-9]{3}", "007", true), ("[[:alpha:]]+", "Abc", true), ("a.c", "a\nc", true),
        ("Prod", "prod", false), ("a\\.c", "abc", false), ("a\\.c", "a.c", true), ("caf.*", "café", true),
        ("café", "café", true), ("caf.", "café", false), ("ab", "ab\u{0}c", false), ("ab.c", "ab\u{0}c", false),
        ("a\\\\d", "a\\d", true),
    ])
    func matchesTheWholeValue(_ text: String, _ value: String, _ isMatch: Bool) throws {
        #expect(try Pattern(parsing: text).matches(value) == isMatch)
    }

    @Test(arguments: [
        ("a[", "not an extended regular"), ("(", "not an extended regular"),
        ("*", "not an extended regular"),
        ("(?i)prod", "not an extended regular"), ("a{2,1}", "not an extended regular"), ("\\d+", "\\d is unknown"),
        ("[\\w-]+", "\\w is unknown"), ("(a)\\1", "\\1 is unknown"), ("a\u{0}b", "NUL byte"),
    ])
    func invalidPatternsAreRefused(_ text: String, _ words: String) {
        let error = #expect(throws: Pattern.Invalid.self) { try Pattern(parsing: text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func patternIsSafeForConcurrentUse() async throws {
        let pattern = try Pattern(parsing: "(bucket|object)-[0-9]*[05]")
        let matches = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask { (0..<1000).count { pattern.matches("bucket-\($0 + task * 1000)") } }
            }
            return await group.reduce(0, +)
        }
        #expect(matches == 1600)
    }

    @Test func excludingWinsOverIncluding() throws {
        let filter = PatternFilter(
            include: [try Pattern(parsing: "prod-.*"), try Pattern(parsing: "shared")], exclude: [try Pattern(parsing: ".*-tmp")])
        #expect(["prod-a", "prod-tmp", "shared", "test", ""].filter { filter.admits($0) } == ["prod-a", "shared"])
        #expect(!filter.admits(nil))
        #expect(PatternFilter().admits(nil))
        #expect(PatternFilter(include: [try Pattern(parsing: "")]).admits(nil))
        #expect(!PatternFilter(exclude: [try Pattern(parsing: "")]).admits(nil))
        #expect(PatternFilter(exclude: [try Pattern(parsing: "")]).admits("a"))
    }
}

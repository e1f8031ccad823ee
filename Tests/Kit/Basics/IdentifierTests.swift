import Basics
import Testing

@Suite struct IdentifierTests {
    private static let composed = Identifier("caf\u{E9}")
    private static let decomposed = Identifier("cafe\u{301}")

    @Test func equalityComparesBytes() {
        #expect(Self.composed.text == Self.decomposed.text, "Swift treats the texts as equal")
        #expect(Self.composed != Self.decomposed)
        #expect(Self.composed == Identifier(String(decoding: [0x63, 0x61, 0x66, 0xC3, 0xA9], as: UTF8.self)))
        #expect(Identifier("") == "" && Identifier("") != "a" && Identifier("a") != "")
        #expect(Identifier("K") != "\u{212A}", "the Kelvin sign is canonically equivalent to K")
        #expect(Set([Self.composed, Self.decomposed, Self.composed]).count == 2)
    }

    @Test func equalIdentifiersHaveEqualHashes() {
        let long = String(repeating: "x", count: 100)
        for text in ["", "a", "caf\u{E9}", long] {
            let slice = Identifier(String(("-" + text).dropFirst()))
            #expect(Set([Identifier(text)]).contains(slice))
        }
    }

    @Test func orderingComparesBytes() {
        let ordered: [Identifier] = ["", "Z", "a", "a\u{301}", "aa", "z", "\u{E1}", "\u{FFFD}", "\u{1F98A}"]
        let byBytes = ordered.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        #expect(ordered.shuffled().sorted() == byBytes)
    }
}

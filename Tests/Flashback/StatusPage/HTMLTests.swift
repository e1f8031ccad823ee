import TestSupport
import Testing

@testable import FlashbackStatusPage

@Suite struct HTMLTests {
    private func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }

    @Test func textIsEscapedAndMarkupIsNot() {
        let name = "<b>\"A\" & 'B'</b>"
        let inner: HTML = "<i>\(text: name)</i>"
        #expect(
            text("<a title=\"\(text: name)\">\(inner)</a>")
                == "<a title=\"&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;\">"
                + "<i>&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;</i></a>")
    }

    @Test func piecesAreConcatenated() {
        let pieces: [HTML] = ["<p>", "a", "</p>"]
        #expect(text("\(pieces)") == "<p>a</p>")
        #expect(text(HTML(pieces, separatedBy: ", ")) == "<p>, a, </p>")
        #expect(text(HTML([], separatedBy: ", ")) == "")
    }

    @Test func ordinaryTextIsUnchanged() {
        for words in ["", "a", "é", "e\u{301}", "🦊👩‍👩‍👧", "שלום", "10\u{A0}%", "\u{200C}", "\u{10FFFF}"] {
            #expect(text("\(text: words)") == words)
        }
    }

    @Test func unprintableCharactersAreReplaced() {
        #expect(text("\(text: "a\0b\n\t\u{1B}\u{7F}")") == "a␀b␊␉␛␡")
        #expect(text("\(text: "\u{85}\u{2028}\u{202E}x\u{2066}")") == "\u{FFFD}\u{FFFD}\u{FFFD}x\u{FFFD}")
    }

    @Test(arguments: 1...5)
    func textCannotEndItsElementOrAttribute(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let hostile =
                HostileText.random(using: &generator) + ["<", ">", "&", "'", "\"", "</p>"].randomElement(using: &generator)!
            let written = text("\(text: hostile)")
            #expect(!written.unicodeScalars.contains { "<>\"'".unicodeScalars.contains($0) })
            #expect(!written.unicodeScalars.contains { $0.properties.generalCategory == .control })
            // Every ampersand begins one of the character references that this program writes.
            let plain = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].reduce(Array(written.utf8)) {
                $0.replacing(Array($1.utf8), with: [])
            }
            #expect(!plain.contains(UInt8(ascii: "&")))
        }
    }
}

import TestSupport
import Testing

@testable import FlashbackStatusPage

@Suite struct PageQueryTests {
    @Test(
        arguments: [
            (nil, PageQuery()), ("", PageQuery()), ("page=3", PageQuery(page: 3)),
            ("q=a+b%20c", PageQuery(search: "a b c")), ("q=&page=2", PageQuery(page: 2)),
            ("x=1&page=2&q=%C3%A9&y", PageQuery(page: 2, search: "é")), ("page=0", PageQuery()), ("page=-4", PageQuery()),
            ("page=two", PageQuery()), ("page=99999999999999999999", PageQuery()), ("page", PageQuery()),
            ("q=100%", PageQuery(search: "100%")), ("q=%zz%4", PageQuery(search: "%zz%4")),
            ("q=%FF", PageQuery(search: "\u{FFFD}")),
            ("q=a=b", PageQuery(search: "a=b")), ("page=2&page=3", PageQuery(page: 3)), ("&&&", PageQuery()),
        ] as [(Substring?, PageQuery)])
    func queryIsParsed(_ query: Substring?, _ expected: PageQuery) {
        #expect(PageQuery(query) == expected)
    }

    @Test(arguments: 1...5)
    func linkKeepsTheSearch(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let query = PageQuery(page: 1, search: HostileText.random(using: &generator))
            let link = query.link(toPage: 7)
            #expect(link.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'<>".utf8.contains($0) })
            let read = PageQuery(link.dropFirst())
            #expect(read.page == 7)
            #expect(Array(read.search.utf8) == Array(query.search.utf8))
        }
        #expect(PageQuery().link(toPage: 2) == "?page=2")
    }

    @Test func searchIsTruncatedAtItsLimit() {
        let query = PageQuery(Substring("q=" + String(repeating: "%CC%81", count: 10_000)))
        #expect(query.search.unicodeScalars.count == 200)
    }
}

import Testing

@testable import FlashbackStatusPage

@Suite struct PagingTests {
    @Test(
        arguments: [
            (0, 1, 1, 1, 0..<0), (0, 9, 1, 1, 0..<0), (1, 1, 1, 1, 0..<1), (100, 1, 1, 1, 0..<100), (100, 2, 1, 1, 0..<100),
            (101, 2, 2, 2, 100..<101), (10_000, 1, 1, 100, 0..<100), (10_000, 100, 100, 100, 9900..<10_000),
            (10_000, Int.max, 100, 100, 9900..<10_000), (250, Int.min, 1, 3, 0..<100),
        ])
    func pageIsClampedToTheExistingOnes(_ rows: Int, _ asked: Int, _ page: Int, _ pages: Int, _ range: Range<Int>) {
        let paging = Paging(rows: rows, page: asked)
        #expect(paging.page == page)
        #expect(paging.pages == pages)
        #expect(paging.range == range)
    }
}

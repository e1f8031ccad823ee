import Testing

@testable import FlashbackExporter

@Suite struct ProcessArgumentsTests {
    @Test(
        arguments: [
            (["flashback-exporter"], []),
            (["/usr/local/bin/flashback-exporter", "--web.listen-address", ":9000"], ["--web.listen-address", ":9000"]),
            (["/sbin/docker-init", "--", "/usr/local/bin/flashback-exporter", "demo", ""], ["demo", ""]),
            (["catatonit", "-P", "/bin/sh"], nil),
            ([], nil),
        ] as [([String], [String]?)])
    func argumentsFollowTheExporterWhateverItsPathAndInit(words: [String], expected: [String]?) {
        #expect(ProcessArguments.exporterArguments(in: words.flatMap { Array($0.utf8) + [0] }) == expected)
    }
}

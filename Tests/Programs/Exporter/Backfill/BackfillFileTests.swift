import Foundation
import TestTools
import Testing

@testable import FlashbackExporter

@Suite struct BackfillFileTests {
    @Test func fileAppearsWhenItIsFinished() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("old", to: "file")
        do {
            let file = try BackfillFile(path: path)
            try file.write(Array("unfinished\n".utf8))
            #expect(try directory.names().count == 2)
        }
        #expect(try directory.names() == ["file"])
        #expect(try directory.text(of: "file") == "old")
        let file = try BackfillFile(path: path)
        try file.write(Array("line\n".utf8))
        try file.finish()
        #expect(try directory.names() == ["file"])
        #expect(try directory.text(of: "file") == "line\n# EOF\n")
    }

    @Test(arguments: [true, false])
    func symbolicLinkIsKept(exists: Bool) throws {
        let directory = try TemporaryDirectory()
        _ = try directory.made("data")
        if exists { try directory.write("old", to: "data/file") }
        let link = directory.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "data/file")
        let file = try BackfillFile(path: link)
        try file.finish()
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "data/file")
        #expect(try directory.text(of: "data/file") == "# EOF\n")
        #expect(try directory.names() == ["data", "link"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("data")) == ["file"])
    }

    @Test func errorsHaveTheSystemsReason() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("a/b")
        let error = #expect(throws: (any Error).self) { try BackfillFile(path: path) }
        #expect(error.map { "\($0)" } == "--output: cannot write \(path): No such file or directory")
    }
}

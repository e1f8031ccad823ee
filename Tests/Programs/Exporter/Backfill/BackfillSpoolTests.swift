import Basics
import Configuration
import FlashbackCollectors
import Foundation
import TestTools
import Testing

@testable import FlashbackExporter

@Suite struct BackfillSpoolTests {
    private static func history(_ bucket: String, failures: Int = 0, uptime: Double = 0.5) throws -> BucketHistory {
        let line =
            #"{"account":"a","bucket":"\#(bucket)","failures":\#(failures),"nodes":[{"node":"n","days":[{"date":"2024-01-01","uptime":\#(uptime)}]}]}"#
        return try #require(BucketHistory(line: Array("\(line)\n".utf8)))
    }

    @Test func reopenedFileHasTheLatestHistoryOfEachBucket() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("spool")
        do {
            let spool = try BackfillSpool(path: path, identity: "x")
            try spool.append(try Self.history("b1", failures: 2))
            try spool.append(try Self.history("b2"))
            try spool.append(try Self.history("b1", uptime: 0.75))
            #expect(spool.isComplete("b1", of: "a") && spool.isComplete("b2", of: "a"))
        }
        let spool = try BackfillSpool(path: path, identity: "x")
        #expect(spool.isComplete("b1", of: "a") && spool.isComplete("b2", of: "a"))
        #expect(!spool.isComplete("b1", of: nil) && !spool.isComplete("b3", of: "a"))
        #expect(try spool.history(of: "b1", account: "a") == Self.history("b1", uptime: 0.75))
        #expect(try spool.history(of: "b3", account: "a") == nil)
        try spool.append(try Self.history("b3", failures: 1))
        #expect(!spool.isComplete("b3", of: "a"), "its failed days must be read again")
        #expect(try spool.history(of: "b3", account: "a") == Self.history("b3", failures: 1))
        try spool.append(try Self.history("b3", failures: 2, uptime: 0))
        #expect(try spool.history(of: "b3", account: "a") == Self.history("b3", failures: 1), "more was known before")
        #expect(try directory.mode(of: "spool") == 0o600)
        spool.remove()
        #expect(try directory.names() == [])
    }

    @Test func trafficOfAnEarlierRunIsKnown() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("spool")
        do {
            let spool = try BackfillSpool(path: path, identity: "x")
            try spool.append(try Self.history("b1"))
            #expect(!spool.hasTraffic(of: "a"))
            var history = try Self.history("b2", failures: 1)
            history.traffic = []
            try spool.append(history)
        }
        let spool = try BackfillSpool(path: path, identity: "x")
        #expect(spool.hasTraffic(of: "a") && !spool.hasTraffic(of: "b") && !spool.hasTraffic(of: nil))
    }

    @Test func truncatedFileKeepsItsCompleteLinesAndIsContinued() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("spool")
        let (first, second) = (try Self.history("b1"), try Self.history("b2"))
        let whole = Array("identity\n".utf8) + first.line + second.line
        for length in 0...whole.count {
            try Data(whole[..<length]).write(to: URL(filePath: path))
            do {
                let spool = try BackfillSpool(path: path, identity: "identity")
                #expect(spool.isComplete("b1", of: "a") == (length >= whole.count - second.line.count))
                #expect(spool.isComplete("b2", of: "a") == (length == whole.count))
                if !spool.isComplete("b1", of: "a") { try spool.append(first) }
                if !spool.isComplete("b2", of: "a") { try spool.append(second) }
            }
            #expect(try Array(Data(contentsOf: URL(filePath: path))) == whole, "cut off at \(length)")
        }
    }

    @Test func filesOfOtherBackfillsDamagedAndUsedFilesAreRefused() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("spool")
        func message(_ identity: String) -> String? {
            do { _ = try BackfillSpool(path: path, identity: identity) } catch { return "\(error)" }
            return nil
        }
        for foreign in ["other\n", "other", "x y", "\n", "\0"] {
            try directory.write(foreign, to: "spool")
            #expect(
                message("x")
                    == "--output: \(path) belongs to a backfill with other arguments; repeat it with those, or remove the file")
            #expect(try directory.text(of: "spool") == foreign)
        }
        try directory.write("x\n{}\n", to: "spool")
        #expect(message("x") == "--output: \(path) is damaged at byte 2; remove the file to begin again")
        try directory.write("x\n", to: "spool")
        let spool = try BackfillSpool(path: path, identity: "x")
        #expect(message("x") == "--output: \(path) is in use by another backfill; wait for its end")
        withExtendedLifetime(spool) {}
        #expect(
            {
                do { _ = try BackfillSpool(path: directory.path("a/b"), identity: "x") } catch { return "\(error)" }; return ""
            }()
                == "--output: cannot open \(directory.path("a/b")): No such file or directory")
    }
}

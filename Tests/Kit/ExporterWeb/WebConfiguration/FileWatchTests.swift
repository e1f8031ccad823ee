import Foundation
import TestTools
import Testing

@testable import ExporterWeb

@Suite struct FileWatchTests {
    /// The results of the next calls.
    private func changes(_ watch: inout FileWatch, calls: Int) -> [Bool] { (0..<calls).map { _ in watch.hasChanged() } }

    @Test func aChangeCountsOnceItHasSettled() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("1", to: "file")
            var watch = FileWatch([folder.path("file")])
            #expect(changes(&watch, calls: 2) == [false, false])

            try folder.write("22", to: "file")
            #expect(changes(&watch, calls: 1) == [false])
            try folder.write("333", to: "file")
            #expect(changes(&watch, calls: 3) == [false, true, false])
        }
    }

    @Test func aFileMayAppearAndDisappear() async throws {
        try await TemporaryDirectory.with { folder in
            var watch = FileWatch([folder.path("file")])
            try folder.write("1", to: "file")
            #expect(changes(&watch, calls: 3) == [false, true, false])
            try FileManager.default.removeItem(atPath: folder.path("file"))
            #expect(changes(&watch, calls: 3) == [false, true, false])
        }
    }
}

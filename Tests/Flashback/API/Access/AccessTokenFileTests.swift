import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import TestTools
import Testing

@Suite struct AccessTokenFileTests {
    /// Runs the body with the path of a file that does not exist, in a directory that is removed afterwards.
    private func withPath(_ body: (String) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        try body(directory.path("token"))
    }

    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    private func failure(_ body: () throws -> Void) -> String {
        String(describing: #expect(throws: AccessTokenError.self) { try body() })
    }

    @Test func replacedFileIsReadAgain() throws {
        try withPath { path in
            try write("first\n", to: path)
            let file = try AccessTokenFile(path: path)
            #expect(try file.token().secret.reveal() == "first")
            #expect(try file.token().secret.reveal() == "first")
            // As long as the previous token, so that the size alone does not reveal the change.
            try write("other\n", to: path)
            #expect(try file.token().secret.reveal() == "other")
        }
    }

    @Test func fileWrittenInPlaceIsReadAgain() throws {
        try withPath { path in
            try write("first", to: path)
            let file = try AccessTokenFile(path: path)
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("-longer".utf8))
            try handle.close()
            #expect(try file.token().secret.reveal() == "first-longer")
        }
    }

    @Test func emptyFileIsAnErrorUntilItIsFilled() throws {
        try withPath { path in
            try write("first", to: path)
            let file = try AccessTokenFile(path: path)
            try write(" \n", to: path)
            for _ in 0..<2 {
                #expect(failure { _ = try file.token() }.contains("\(path) cannot be used: the access token is empty"))
            }
            try write("second", to: path)
            #expect(try file.token().secret.reveal() == "second")
        }
    }

    @Test func removedFileIsAnErrorUntilItIsBack() throws {
        try withPath { path in
            try write("first", to: path)
            let file = try AccessTokenFile(path: path)
            try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
            for _ in 0..<2 { #expect(failure { _ = try file.token() }.contains("No such file or directory")) }
            try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
            #expect(try file.token().secret.reveal() == "first")
        }
    }

    @Test func unreadableFileErrorNamesIt() throws {
        try withPath { path in
            #expect(failure { _ = try AccessTokenFile(path: path) }.contains(path))
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            let failure = failure { _ = try AccessTokenFile(path: path) }
            #expect(failure.contains(path) && failure.contains("Is a directory"), "\(failure)")
        }
    }

    @Test func invalidContentIsNotRepeated() throws {
        try withPath { path in
            try write("not a token: hunter2\n", to: path)
            #expect(!failure { _ = try AccessTokenFile(path: path) }.contains("hunter2"))
            try Data([0xFF, 0xFE, 0x00, 0x41]).write(to: URL(filePath: path))
            #expect(failure { _ = try AccessTokenFile(path: path) }.contains("cannot be used"))
        }
    }

    @Test func linksAreFollowed() throws {
        try withPath { path in
            try write("first", to: path + ".1")
            try write("second", to: path + ".2")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".1")
            let file = try AccessTokenFile(path: path)
            #expect(try file.token().secret.reveal() == "first")
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".2")
            #expect(try file.token().secret.reveal() == "second")
        }
    }
}

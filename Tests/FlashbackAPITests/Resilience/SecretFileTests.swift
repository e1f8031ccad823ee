import FlashbackAPI
import Foundation
import TestSupport
import Testing

@Suite("SecretFile")
struct SecretFileTests {
    @Test("A file is replaced as a whole and is its owner's alone")
    func replaces() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("old", to: "secret")
            try folder.setMode(0o644, of: "secret")
            let reader = try #require(FileHandle(forReadingAtPath: folder.path("secret")))
            let file = SecretFile(path: folder.path("secret"))
            let version = file.version
            try file.replace(with: "new\n")
            #expect(try file.read() == "new\n")
            #expect(try folder.mode(of: "secret") == 0o600)
            #expect(file.version != version)
            // Who had opened it reads the old text to its end: nothing was written over it.
            #expect(try reader.readToEnd() == Data("old".utf8))
            #expect(try folder.names() == ["secret"])
        }
    }

    @Test("A file that is not there yet is made")
    func creates() async throws {
        try await TemporaryFolder.with { folder in
            let file = SecretFile(path: folder.path("secret"))
            #expect(file.version == nil)
            try file.replace(with: "new")
            #expect(try folder.mode(of: "secret") == 0o600)
        }
    }

    @Test("What an earlier attempt left behind is no hindrance, nor is a link that somebody put there")
    func leftovers() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("old", to: "secret")
            try folder.write("precious", to: "elsewhere")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("secret.new"), withDestinationPath: folder.path("elsewhere"))
            try SecretFile(path: folder.path("secret")).replace(with: "new")
            #expect(try folder.text(of: "secret") == "new")
            #expect(try folder.text(of: "elsewhere") == "precious")
        }
    }

    @Test("Where the path is a link, what it leads to is replaced")
    func link() async throws {
        try await TemporaryFolder.with { folder in
            try FileManager.default.createDirectory(atPath: folder.path("real"), withIntermediateDirectories: true)
            try folder.write("old", to: "real/secret")
            try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real/secret")
            try SecretFile(path: folder.path("link")).replace(with: "new")
            #expect(try folder.text(of: "real/secret") == "new")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "real/secret")
            #expect(try folder.mode(of: "real/secret") == 0o600)
        }
    }

    @Test("A folder that cannot be written to is an error that names the file and not the secret")
    func unwritable() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("a file", to: "file")
            for path in [folder.path("missing/secret"), folder.path("file/secret")] {
                let error = #expect(throws: AccessTokenError.self) { try SecretFile(path: path).replace(with: "canary") }
                #expect(error?.description.contains(path) == true)
                #expect(error?.description.contains("canary") == false)
                #expect(error?.description.contains("cannot write") == true)
            }
            // A folder in the file's place: the rename fails after the new file was made, which must not stay.
            try FileManager.default.createDirectory(atPath: folder.path("secret"), withIntermediateDirectories: true)
            try folder.write("", to: "secret/inside")
            #expect(throws: AccessTokenError.self) { try SecretFile(path: folder.path("secret")).replace(with: "canary") }
            #expect(try folder.names() == ["file", "secret"])
        }
    }

    @Test("A file that cannot be read is an error that names it")
    func unreadable() async throws {
        try await TemporaryFolder.with { folder in
            let error = #expect(throws: AccessTokenError.self) { try SecretFile(path: folder.path("missing")).read() }
            #expect(error?.description.contains(folder.path("missing")) == true)
            #expect(throws: AccessTokenError.self) { try SecretFile(path: folder.path()).read() }
        }
    }
}

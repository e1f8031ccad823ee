import Foundation
import TestSupport
import TestTools
import Testing

@testable import FlashbackAPI

@Suite struct SecretFileTests {
    @Test(arguments: [0o600, 0o640, 0o444])
    func replacesTheFileAtomicallyAndKeepsItsMode(_ mode: Int) async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("old", to: "secret")
            try folder.setMode(mode, of: "secret")
            let reader = try #require(FileHandle(forReadingAtPath: folder.path("secret")))
            let file = SecretFile(path: folder.path("secret"))
            let version = file.version
            try file.replace(with: "new\n")
            #expect(try file.read() == "new\n")
            #expect(try folder.mode(of: "secret") == mode)
            #expect(file.version != version)
            // A reader that has opened the file reads the complete old text: nothing was overwritten.
            #expect(try reader.readToEnd() == Data("old".utf8))
            #expect(try folder.names() == ["secret"])
        }
    }

    @Test func createsAMissingFile() async throws {
        try await TemporaryDirectory.with { folder in
            let file = SecretFile(path: folder.path("secret"))
            #expect(file.version == nil)
            try file.replace(with: "new")
            #expect(try folder.mode(of: "secret") == 0o600)
        }
    }

    @Test func ignoresLeftoverTemporaryFilesAndLinks() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("old", to: "secret")
            try folder.write("precious", to: "elsewhere")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("secret.new"), withDestinationPath: folder.path("elsewhere"))
            try SecretFile(path: folder.path("secret")).replace(with: "new")
            #expect(try folder.text(of: "secret") == "new")
            #expect(try folder.text(of: "elsewhere") == "precious")
        }
    }

    @Test func replacesTheTargetOfALink() async throws {
        try await TemporaryDirectory.with { folder in
            try FileManager.default.createDirectory(atPath: folder.path("real"), withIntermediateDirectories: true)
            try folder.write("old", to: "real/secret")
            try folder.setMode(0o600, of: "real/secret")
            try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real/secret")
            try SecretFile(path: folder.path("link")).replace(with: "new")
            #expect(try folder.text(of: "real/secret") == "new")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "real/secret")
            #expect(try folder.mode(of: "real/secret") == 0o600)
        }
    }

    @Test func unwritableFolderErrorNamesTheFileWithoutTheSecret() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("a file", to: "file")
            for path in [folder.path("missing/secret"), folder.path("file/secret")] {
                let error = #expect(throws: AccessTokenError.self) { try SecretFile(path: path).replace(with: "canary") }
                #expect(error?.description.contains(path) == true)
                #expect(error?.description.contains("canary") == false)
                #expect(error?.description.contains("cannot write") == true)
            }
            // A folder in place of the file: the rename fails after the new file was created, which must be removed.
            try FileManager.default.createDirectory(atPath: folder.path("secret"), withIntermediateDirectories: true)
            try folder.write("", to: "secret/inside")
            #expect(throws: AccessTokenError.self) { try SecretFile(path: folder.path("secret")).replace(with: "canary") }
            #expect(try folder.names() == ["file", "secret"])
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func rootKeepsTheOwner() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("old", to: "secret")
            #expect(chown(folder.path("secret"), 12_345, 23_456) == 0)
            try folder.setMode(0o640, of: "secret")
            let file = SecretFile(path: folder.path("secret"))
            #expect(try file.rehearseReplacement() == nil)
            try file.replace(with: "new")
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("secret"))
            #expect(attributes[.ownerAccountID] as? Int == 12_345)
            #expect(attributes[.groupOwnerAccountID] as? Int == 23_456)
            #expect(attributes[.posixPermissions] as? Int == 0o640)
            #expect(try folder.names() == ["secret"])
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func impossibleReplacementIsReportedBeforehand() async throws {
        await #expect(processExitsWith: .success) {
            try await TemporaryDirectory.with { folder in
                for name in ["own", "root's", "group's"] { try folder.write("old", to: name) }
                #expect(chown(folder.path("own"), 65_534, 65_534) == 0)
                #expect(chown(folder.path("group's"), 65_534, 0) == 0)
                try FileManager.default.createDirectory(atPath: folder.path("closed"), withIntermediateDirectories: true)
                try folder.write("old", to: "closed/secret")
                #expect(chown(folder.path("closed/secret"), 65_534, 65_534) == 0)
                try folder.setMode(0o777)
                func refusal(_ name: String) -> String {
                    do throws(AccessTokenError) {
                        return try SecretFile(path: folder.path(name)).rehearseReplacement() ?? "none"
                    } catch {
                        return "\(error)"
                    }
                }
                #expect(setgroups(0, nil) == 0 && setegid(65_534) == 0 && seteuid(65_534) == 0)
                let refusals = ["own", "root's", "group's", "closed/secret"].map(refusal)
                #expect(seteuid(0) == 0)
                #expect(refusals[0] == "none")
                #expect(refusals[1].contains("cannot keep its owner (user 0, group 0): Operation not permitted"))
                #expect(refusals[2].contains("cannot keep its owner (user 65534, group 0)"))
                #expect(
                    refusals[3].contains("cannot replace the file \(folder.path("closed/secret")), which token renewal requires")
                )
                #expect(refusals[3].contains("Permission denied"))
                #expect(try folder.names() == ["closed", "group's", "own", "root's"])
            }
        }
    }

    @Test func sameFileIsRecognisedByPathLinkAndCopy() async throws {
        try await TemporaryDirectory.with { folder in
            try FileManager.default.createDirectory(atPath: folder.path("sub"), withIntermediateDirectories: true)
            for (name, text) in [("token", "one\n"), ("copy", "one"), ("other", "two")] { try folder.write(text, to: name) }
            try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "token")
            try FileManager.default.linkItem(atPath: folder.path("token"), toPath: folder.path("sub/hard"))
            let token = SecretFile(path: folder.path("token"))
            for name in ["token", "./token", "sub/../token", "link", "sub/hard", "copy"] {
                #expect(token.sharesToken(with: SecretFile(path: folder.path(name))), "\(name)")
            }
            #expect(!token.sharesToken(with: SecretFile(path: folder.path("other"))))
            // Files that do not exist yet.
            let missing = SecretFile(path: folder.path("missing"))
            #expect(missing.sharesToken(with: SecretFile(path: folder.path("sub/../missing"))))
            #expect(!missing.sharesToken(with: SecretFile(path: folder.path("sub/missing"))))
            #expect(!missing.sharesToken(with: token))
        }
    }

    @Test func unreadableFileErrorNamesIt() async throws {
        try await TemporaryDirectory.with { folder in
            let error = #expect(throws: AccessTokenError.self) { try SecretFile(path: folder.path("missing")).read() }
            #expect(error?.description.contains(folder.path("missing")) == true)
            #expect(throws: AccessTokenError.self) { try SecretFile(path: folder.path()).read() }
        }
    }
}

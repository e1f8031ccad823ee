import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SupplyChainTests {
    /// The parts of an SPDX document that the tests read.
    private struct Document: Decodable {
        struct Package: Decodable {
            struct Checksum: Decodable {
                let algorithm: String
                let checksumValue: String
            }

            struct Reference: Decodable {
                let referenceLocator: String
            }

            let name: String
            let versionInfo: String?
            let licenseDeclared: String
            let checksums: [Checksum]?
            let externalRefs: [Reference]?
        }

        let spdxVersion: String
        let packages: [Package]
    }

    private struct Resolution: Decodable {
        struct Pin: Decodable {
            struct State: Decodable {
                let version: String?
            }

            let identity: String
            let location: String
            let state: State
        }

        let pins: [Pin]
    }

    private func script(_ name: String, _ arguments: [String] = [], in checkout: String? = nil) async throws -> FinishedProcess {
        let path = checkout.map { "\($0)/scripts/\(name)" } ?? RepositoryFile("scripts/\(name)").path
        // Compression takes the most time, and is dpkg's responsibility.
        return try await RunningProcess.finished(
            URL(filePath: path), arguments, environment: ["DPKG_DEB_COMPRESSOR_LEVEL": "0"])
    }

    @Test func packageAndSBOMAreReproducibleInAnyEnvironment() async throws {
        let finished = try await script("reproducible.sh", ["--binary", Program.exporter.path()])
        #expect(finished.end == .status(0), "\(finished.errorText)")
        #expect(finished.outputText.contains(/[0-9a-f]{64}  .*\.deb\n/))
        #expect(finished.outputText.contains(/[0-9a-f]{64}  .*\.spdx\.json\n/))
    }

    @Test func sbomIsValidSPDXAndListsEveryLinkedLibrary() async throws {
        let directory = try TemporaryDirectory()
        let output = try directory.made("packages")
        let made = try await script("package.sh", ["--binary", Program.exporter.path(), "--output", output])
        let package = try #require(made.outputText.split(separator: "\n").last.map(String.init), "\(made.errorText)")
        let file = String(package.dropLast(4)) + ".spdx.json"
        let check = try await Python.finished(["-m", "spdx_tools.spdx.clitools.pyspdxtools", "--infile", file])
        #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")

        let text = try String(contentsOfFile: file, encoding: .utf8)
        let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        let versions = Dictionary(document.packages.map { ($0.name, $0.versionInfo) }) { first, _ in first }
        #expect(document.spdxVersion == "SPDX-2.3")
        let resolved = try JSONDecoder().decode(Resolution.self, from: Data(try RepositoryFile("Package.resolved").text().utf8))
        #expect(resolved.pins.count > 8)
        for pin in resolved.pins {
            let described = try #require(document.packages.first { $0.name == pin.identity }, "\(pin.identity)")
            #expect(described.versionInfo == pin.state.version)
            #expect(described.licenseDeclared != "NOASSERTION", "\(pin.identity)")
            let locators = described.externalRefs?.map(\.referenceLocator) ?? []
            let version = try #require(pin.state.version)
            #expect(locators.contains { $0.hasPrefix("pkg:swift/") && $0.hasSuffix("@\(version)") }, "\(locators)")
        }
        for name in ["flashback-exporter", "boringssl", "llhttp", "swift"] { #expect(versions[name] ?? nil != nil, "\(name)") }
        let fields = try await RunningProcess.finished(URL(filePath: "/usr/bin/dpkg-deb"), ["--field", package, "Depends"])
        let depended = fields.outputText.matches(of: /(?:^|, )([a-z0-9.+-]+)/).map { String($0.1) }
        #expect(depended.count > 5)
        for name in depended where name != "ca-certificates" { #expect(versions[name] ?? nil != nil, "\(name)") }

        let contents = try await RunningProcess.finished(URL(filePath: "/usr/bin/dpkg-deb"), ["--contents", package])
        #expect(contents.outputText.contains("./usr/share/doc/flashback-exporter/sbom.spdx.json\n"))
        #expect(!text.contains(RepositoryFile("").path), "a path of this machine")

        let unpacked = directory.path("unpacked")
        _ = try await RunningProcess.finished(URL(filePath: "/usr/bin/dpkg-deb"), ["--extract", package, unpacked])
        let sum = try await RunningProcess.finished(
            URL(filePath: "/usr/bin/sha256sum"), ["\(unpacked)/usr/bin/flashback-exporter"])
        let checksums = try #require(document.packages.first { $0.name == "flashback-exporter" }?.checksums)
        #expect(checksums.map(\.algorithm) == ["SHA256"])
        #expect(sum.outputText.prefix(64) == checksums.first?.checksumValue ?? "")
    }

    @Test func recordedDependenciesAreCompleteAndMatchTheManifest() async throws {
        let recorded = try JSONDecoder().decode(
            Resolution.self, from: Data(try RepositoryFile("deploy/dependencies.json").text().utf8))
        for pin in recorded.pins {
            #expect(pin.location.hasPrefix("https://github.com/") && pin.state.version != nil, "\(pin.identity)")
        }
        let manifest = try RepositoryFile("Package.swift").text()
        let wanted = manifest.matches(of: /\.package\(url: "([^"]+)", from: "([^"]+)"\)/)
        #expect(wanted.count > 5)
        for match in wanted {
            let pin = try #require(
                recorded.pins.first { $0.location == match.1 }, "run ./scripts/dependencies.sh record: \(match.1)")
            let order = pin.state.version?.compare(String(match.2), options: .numeric)
            #expect(order == .orderedDescending || order == .orderedSame, "\(match.1)")
        }
    }

    @Test func dependenciesScriptDetectsOtherVersionsAndAppliesTheRecordedOnes() async throws {
        let directory = try TemporaryDirectory()
        for folder in ["scripts", "deploy"] { _ = try directory.made(folder) }
        for file in ["scripts/dependencies.sh", "scripts/requirements.sh", "deploy/dependencies.json"] {
            try FileManager.default.copyItem(atPath: RepositoryFile(file).path, toPath: directory.path(file))
        }
        let checkout = directory.path()
        #expect(try await script("dependencies.sh", ["check"], in: checkout).end == .status(1))
        #expect(try await script("dependencies.sh", ["apply"], in: checkout).end == .status(0))
        #expect(try await script("dependencies.sh", ["check"], in: checkout).end == .status(0))

        let resolved = try String(contentsOfFile: directory.path("Package.resolved"), encoding: .utf8)
        try directory.write(resolved.replacing(/"version": "[0-9]+\./, with: #""version": "99."#), to: "Package.resolved")
        let other = try await script("dependencies.sh", ["check"], in: checkout)
        #expect(other.end == .status(1) && other.errorText.contains("run scripts/dependencies.sh record, or apply"))
        #expect(try await script("dependencies.sh", ["record"], in: checkout).end == .status(0))
        #expect(try await script("dependencies.sh", ["check"], in: checkout).end == .status(0))
        let elsewhere = resolved.replacing("https://github.com/", with: "https://mirror.example.com/")
        try directory.write(elsewhere, to: "Package.resolved")
        #expect(try await script("dependencies.sh", ["record"], in: checkout).end == .status(1))
    }
}

import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct PackageTests {
    /// Builds a package of the tested program.
    /// - Returns: the package's path, and lintian's findings.
    private func package(in directory: TemporaryDirectory) async throws -> (path: String, findings: [Substring]) {
        let script = try await RunningProcess.finished(
            URL(filePath: RepositoryFile("scripts/package.sh").path),
            [
                "--binary", Program.exporter.path(), "--output", try directory.made("packages"),
            ],
            // Compression takes the most time, and is dpkg's responsibility.
            environment: ["DPKG_DEB_COMPRESSOR_LEVEL": "0"])
        let path = try #require(script.outputText.split(separator: "\n").last.map(String.init), "\(script.errorText)")
        #expect(script.end == .status(0), "\(script.errorText)")
        return (path, script.errorText.split(separator: "\n").filter { $0.hasPrefix("E: ") || $0.hasPrefix("W: ") })
    }

    @Test func packageInstallsRunsAndPurgesCompletely() async throws {
        let directory = try TemporaryDirectory()
        let (path, findings) = try await package(in: directory)
        #expect(findings == [])
        try await expectLibrariesInImage(of: path)
        let simulation = FlashbackSimulation.small()
        try await FlashbackSimulator.serving(simulation) { simulator in
            let token = try directory.write(simulation.issueTokens().refreshToken, to: "refresh-token")
            let isRoot = geteuid() == 0
            let life = try await RunningProcess.finished(
                try Program.unshare(),
                ["--mount"] + (isRoot ? [] : ["--map-root-user"]) + [
                    RepositoryFile("deploy/tests/installed_package.sh").path, path, simulator.url, token,
                    try directory.made("system"),
                ])
            #expect(life.end == .status(0), "\(life.outputText)\(life.errorText)")
            #expect(life.outputText.hasSuffix("\ndone\n"))
        }
    }

    /// The image installs the libraries that the package depends on.
    private func expectLibrariesInImage(of package: String) async throws {
        let fields = try await RunningProcess.finished(
            URL(filePath: "/usr/bin/dpkg-deb"), ["--field", package, "Depends"])
        let dependencies = fields.outputText.split(separator: ",").compactMap { $0.split(separator: " ").first }
            .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        #expect(dependencies.contains("libcurl4"))
        let dockerfile = try RepositoryFile("deploy/Dockerfile").text()
        let installed = try #require(
            dockerfile.components(separatedBy: "\nFROM ").last?.firstMatch(of: /--no-install-recommends ([^\\]+)/)?.1.split(
                separator: " "))
        // Every Debian system has libc6.
        for dependency in dependencies where dependency != "libc6" {
            #expect(installed.contains { $0 == dependency }, "\(dependency)")
        }
    }

    @Test func packagingRefusesOtherPrograms() async throws {
        let directory = try TemporaryDirectory()
        let script = try await RunningProcess.finished(
            URL(filePath: RepositoryFile("scripts/package.sh").path),
            ["--binary", "/bin/true", "--output", directory.path("packages")])
        #expect(script.end == .status(1))
        #expect(script.errorText.hasSuffix("true is not flashback-exporter: --version does not tell its version\n"))
    }
}

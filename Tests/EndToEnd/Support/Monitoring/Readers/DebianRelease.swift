import Foundation

/// A release of Debian whose packages of Prometheus and VictoriaMetrics read what the exporter serves. `scripts/requirements.sh`
/// unpacks them side by side.
enum DebianRelease: String, CaseIterable {
    case bookworm, trixie, forky

    func prometheus() throws -> URL { try program("prometheus", of: "prometheus") }
    /// A package of its own since trixie.
    func promtool() throws -> URL { try program("promtool", of: self == .bookworm ? "prometheus" : "promtool") }
    func victoriaMetrics() throws -> URL { try program("victoria-metrics", of: "victoria-metrics") }
    func vmagent() throws -> URL { try program("vmagent", of: "victoria-metrics") }
    func vmalert() throws -> URL { try program("vmalert", of: "victoria-metrics") }

    private func program(_ command: String, of package: String) throws -> URL {
        let name = "\(rawValue)/\(package)/usr/bin/\(command)"
        guard let directory = ProcessInfo.processInfo.environment["READERS"] else { throw Program.Missing(name: name) }
        let file = URL(filePath: directory).appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: file.path(percentEncoded: false)) else {
            throw Program.Missing(name: name)
        }
        return file
    }
}

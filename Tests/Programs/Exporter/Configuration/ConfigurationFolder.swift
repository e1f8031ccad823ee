import Configuration
import TestSupport
import TestTools

@testable import FlashbackExporter

extension TemporaryDirectory {
    /// The settings from the exporter's layers, with a configuration file in this folder.
    func settings(
        _ file: String, arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> ExporterSettings {
        try write(file, to: "exporter.yml")
        return try ExporterSettings(
            LayeredConfiguration(
                ExporterConfiguration.rules, arguments: arguments + ["--config.file", path("exporter.yml")],
                environment: environment))
    }

    /// The error for invalid layers, without this folder's path; "nothing" if there is none.
    func refusal(
        _ file: String, arguments: [String] = [], environment: [String: String] = [:]
    ) -> String {
        do {
            _ = try settings(file, arguments: arguments, environment: environment)
            return "nothing"
        } catch {
            return "\(error)".split(separator: path()).joined()
        }
    }
}

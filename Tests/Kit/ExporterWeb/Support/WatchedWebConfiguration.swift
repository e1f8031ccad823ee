import Foundation
import TestSupport
import TestTools

@testable import ExporterWeb

extension ReloadingWebConfiguration {
    /// Watches `web.yml` in a folder, on a time that the test advances.
    convenience init(
        watching folder: TemporaryDirectory, _ time: ManualTime, _ log: RecordedLog,
        load: @escaping Load = LoadedWebConfiguration.init
    ) throws {
        let webTime = WebTime(
            uptime: { time.uptime }, timestampSeconds: { time.now.timeIntervalSince1970 },
            sleep: { try await time.sleep(for: $0) })
        self.init(try LoadedWebConfiguration(path: folder.path("web.yml")), time: webTime, logger: log.logger, load: load)
    }
}

extension LoadedWebConfiguration {
    /// Writes `web.yml` to a folder and loads it.
    static func written(_ text: String, to folder: TemporaryDirectory) throws -> LoadedWebConfiguration {
        try LoadedWebConfiguration(path: folder.write(text, to: "web.yml"))
    }
}

/// A web configuration that is distinguished by its limit.
func rateLimit(burst: Int) -> String { "rate_limit: {interval: 1s, burst: \(burst)}\n" }

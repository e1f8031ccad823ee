package import Exposition

/// The result of the latest reload of a configuration.
package struct ReloadReport: Sendable {
    /// Whether the latest reload succeeded; if not, the previous configuration is active.
    package var isSuccessful: Bool
    /// When a configuration was last activated, in seconds since 1970-01-01 UTC.
    package var lastSuccessSeconds: Double

    package init(isSuccessful: Bool, lastSuccessSeconds: Double) {
        self.isSuccessful = isSuccessful
        self.lastSuccessSeconds = lastSuccessSeconds
    }
}

/// The families about reloads, named like Prometheus' own. A configuration that cannot be reloaded has no samples.
package enum ReloadFamilies: Int, MetricFamilySet {
    case isSuccessful, lastSuccess

    package var family: MetricFamily {
        switch self {
        case .isSuccessful:
            MetricFamily(
                BuildInformation.metricPrefix + "config_last_reload_successful", .gauge,
                help:
                    "Whether the latest attempt to load the configuration of the exporter or of its web server succeeded (1) or "
                    + "not (0), which keeps the previous one.",
                labelNames: ["configuration"])
        case .lastSuccess:
            MetricFamily(
                BuildInformation.metricPrefix + "config_last_reload_success_timestamp_seconds", .gauge, unit: .seconds,
                help:
                    "When the configuration of the exporter or of its web server was last loaded successfully, in seconds since "
                    + "1970-01-01 UTC.",
                labelNames: ["configuration"])
        }
    }

    private static let declarations = FamilyDeclarations(of: Self.self)

    /// - Parameters:
    ///   - exporter: the report on the settings in the configuration file and the environment.
    ///   - web: the report on the web configuration file.
    package static func rendered(exporter: ReloadReport?, web: ReloadReport?) -> [RenderedFamily] {
        var samples = SampleWriter(declarations)
        for (name, report) in [("exporter", exporter), ("web", web)] {
            guard let report else { continue }
            let labels = LabelBlock(["configuration": name])
            samples.append(.isSuccessful, labels, value: SampleValue(report.isSuccessful))
            samples.append(.lastSuccess, labels, value: .real(report.lastSuccessSeconds))
        }
        return samples.rendered()
    }
}

/// The result of a reload request.
package enum ReloadOutcome: Sendable, Hashable {
    /// The new configuration is active.
    case active
    /// The new configuration is invalid, for a reason of one line; the previous one is kept.
    case refused(String)
}

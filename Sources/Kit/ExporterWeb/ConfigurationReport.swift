package import Exposition

/// The result of the latest configuration reload, with Prometheus' own family names.
package struct ConfigurationReport: Sendable {
    /// Whether the latest reload succeeded.
    package var isSuccessful: Bool
    /// When a configuration was last activated, in seconds since 1970-01-01 UTC.
    package var lastSuccessSeconds: Double

    package init(isSuccessful: Bool, lastSuccessSeconds: Double) {
        self.isSuccessful = isSuccessful
        self.lastSuccessSeconds = lastSuccessSeconds
    }

    /// The reload families.
    package enum Families: Int, MetricFamilySet {
        case isSuccessful, lastSuccess

        package var family: MetricFamily {
            switch self {
            case .isSuccessful:
                MetricFamily(
                    BuildInformation.metricPrefix + "config_last_reload_successful", .gauge,
                    help: "Whether the latest attempt to load the configuration succeeded (1) or not (0), which keeps the "
                        + "previous one.")
            case .lastSuccess:
                MetricFamily(
                    BuildInformation.metricPrefix + "config_last_reload_success_timestamp_seconds", .gauge, unit: .seconds,
                    help: "When the configuration was last loaded successfully, in seconds since 1970-01-01 UTC.")
            }
        }
    }

    private static let declarations = FamilyDeclarations(of: Families.self)

    /// The samples of ``Families``.
    package func rendered() -> [RenderedFamily] {
        var samples = SampleWriter(Self.declarations)
        samples.append(.isSuccessful, value: SampleValue(isSuccessful))
        samples.append(.lastSuccess, value: .real(lastSuccessSeconds))
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

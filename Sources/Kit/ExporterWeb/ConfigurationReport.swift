package import Exposition

/// How the latest reload of the configuration ended, by the names of Prometheus' own families.
package struct ConfigurationReport: Sendable {
    /// Whether the configuration that was last read is in force.
    package var isInForce: Bool
    /// When a configuration was last put in force, in seconds since 1970-01-01 UTC.
    package var lastSuccessSeconds: Double

    package init(isInForce: Bool, lastSuccessSeconds: Double) {
        self.isInForce = isInForce
        self.lastSuccessSeconds = lastSuccessSeconds
    }

    /// The families that tell it.
    package enum Families: Int, MetricFamilySet {
        case isInForce, lastSuccess

        package var family: MetricFamily {
            switch self {
            case .isInForce:
                MetricFamily(
                    BuildInformation.metricPrefix + "config_last_reload_successful", .gauge,
                    help: "Whether the latest attempt to read the configuration succeeded (1) or not (0), which leaves the one "
                        + "before it in force.")
            case .lastSuccess:
                MetricFamily(
                    BuildInformation.metricPrefix + "config_last_reload_success_timestamp_seconds", .gauge, unit: .seconds,
                    help: "When the configuration was last read with success, in seconds since 1970-01-01 UTC.")
            }
        }
    }

    private static let declarations = FamilyDeclarations(of: Families.self)

    /// The samples of ``Families``.
    package func rendered() -> [RenderedFamily] {
        var samples = SampleWriter(Self.declarations)
        samples.append(.isInForce, value: SampleValue(isInForce))
        samples.append(.lastSuccess, value: .real(lastSuccessSeconds))
        return samples.rendered()
    }
}

/// What became of a request to read the configuration again.
package enum ReloadOutcome: Sendable, Hashable {
    /// It was read, and is in force.
    case inForce
    /// It cannot be used, for a reason of one line, and the one before it stays in force.
    case refused(String)
}

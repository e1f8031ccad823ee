package import Exposition

/// What is told of the web configuration file, where there is one.
package enum WebConfigurationFamilies: Int, MetricFamilySet {
    case reloadSuccess, lastReloadSuccess

    package var family: MetricFamily {
        switch self {
        case .reloadSuccess:
            MetricFamily(
                "flashback_exporter_web_config_reload_success", .gauge,
                help:
                    "Whether the file of --web.config.file is in force as it is now; when 0, what it said before is. Only with such a file."
            )
        case .lastReloadSuccess:
            MetricFamily(
                "flashback_exporter_web_config_last_reload_success_timestamp_seconds", .gauge, unit: .seconds,
                help:
                    "When the file of --web.config.file, or a file that it names, was last read with success. Only with such a file."
            )
        }
    }
}

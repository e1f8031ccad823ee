internal import PrometheusCommandLine

/// All that the configuration says, whichever layer says it: flags, variables or the configuration file.
struct ExporterSettings: Sendable {
    /// One account without a name, or one or more with names of their own.
    var accounts: [AccountSettings]
    var web: WebConfiguration
    /// Whether `POST /-/reload` has the configuration read again.
    var enablesLifecycle = false
    var log: LogOptions
}

package import Exposition

/// What every exporter tells of its own process, by the names that Prometheus' client libraries share.
package enum ProcessFamilies: Int, MetricFamilySet {
    case processorTime, openFiles, maximumFiles, residentMemory, virtualMemory, startTime

    package var family: MetricFamily {
        switch self {
        case .processorTime:
            MetricFamily(
                "process_cpu_seconds_total", .counter, unit: .seconds, help: "Total user and system CPU time spent in seconds.")
        case .openFiles:
            MetricFamily("process_open_fds", .gauge, help: "Number of open file descriptors.")
        case .maximumFiles:
            MetricFamily("process_max_fds", .gauge, help: "Maximum number of open file descriptors.")
        case .residentMemory:
            MetricFamily("process_resident_memory_bytes", .gauge, unit: .bytes, help: "Resident memory size in bytes.")
        case .virtualMemory:
            MetricFamily("process_virtual_memory_bytes", .gauge, unit: .bytes, help: "Virtual memory size in bytes.")
        case .startTime:
            MetricFamily(
                "process_start_time_seconds", .gauge, unit: .seconds,
                help: "Start time of the process since unix epoch in seconds.")
        }
    }

    private static let declarations = FamilyDeclarations(of: ProcessFamilies.self)

    /// The samples as they are now; empty where there is no `/proc`.
    static func rendered() -> [RenderedFamily] {
        var samples = SampleWriter(declarations)
        if let process = ProcessStatus.current() {
            samples.append(.processorTime, value: .real(process.processorSeconds))
            samples.append(.residentMemory, value: SampleValue(process.residentBytes))
            samples.append(.virtualMemory, value: SampleValue(process.virtualBytes))
            if let seconds = process.startTimestampSeconds { samples.append(.startTime, value: .real(seconds)) }
            if let count = process.openFiles { samples.append(.openFiles, value: SampleValue(count)) }
            if let limit = process.maximumFiles { samples.append(.maximumFiles, value: SampleValue(limit)) }
        }
        return samples.rendered()
    }
}

package import Exposition
internal import FoundationEssentials

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The process metrics of every exporter, with the names that Prometheus' client libraries share.
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

    /// The current samples; empty on systems without `/proc`.
    static func rendered() -> [RenderedFamily] {
        var samples = SampleWriter(declarations)
        if let process = ProcessStatus.current() {
            samples.append(
                .processorTime, value: .real(process.processorSeconds),
                since: process.startTimestampSeconds.map { Date(timeIntervalSince1970: $0) })
            samples.append(.residentMemory, value: SampleValue(process.residentBytes))
            samples.append(.virtualMemory, value: SampleValue(process.virtualBytes))
            if let seconds = process.startTimestampSeconds { samples.append(.startTime, value: .real(seconds)) }
            if let count = process.openFiles { samples.append(.openFiles, value: SampleValue(count)) }
            if let limit = process.maximumFiles { samples.append(.maximumFiles, value: SampleValue(limit)) }
        }
        return samples.rendered()
    }
}

/// This process' status according to Linux' `/proc/self` (proc(5)).
struct ProcessStatus {
    /// User plus system time.
    let processorSeconds: Double
    let residentBytes: Int
    let virtualBytes: Int
    /// Since 1970-01-01 UTC.
    let startTimestampSeconds: Double?
    let openFiles: Int?
    let maximumFiles: Int?

    /// The current status; nil on systems without `/proc`.
    static func current() -> ProcessStatus? {
        guard let status = bytes(of: "/proc/self/stat"), let name = status.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        // proc(5) numbers the fields from 1; the second, the name, may contain spaces and ends at the last parenthesis.
        let fields = status[(name + 1)...].split(separator: UInt8(ascii: " "))
        func field(_ number: Int) -> Int? { fields.indices.contains(number - 3) ? integer(fields[number - 3]) : nil }
        guard let userTicks = field(14), let systemTicks = field(15), let startTicks = field(22), let virtualBytes = field(23),
            let residentPages = field(24)
        else { return nil }
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessStatus(
            processorSeconds: Double(userTicks + systemTicks) / ticksPerSecond,
            residentBytes: residentPages * sysconf(Int32(_SC_PAGESIZE)),
            virtualBytes: virtualBytes,
            startTimestampSeconds: bootTimestampSeconds.map { boot in
                // Rounded to the kernel's clock ticks.
                ((boot + Double(startTicks) / ticksPerSecond) * ticksPerSecond).rounded() / ticksPerSecond
            },
            openFiles: openFiles(),
            maximumFiles: fileLimit())
    }

    /// The machine's boot time. Not from /proc/stat, which a service manager may hide. Read once, because it changes when the
    /// clock is set, but the process' start time must not.
    private static let bootTimestampSeconds: Double? = {
        #if canImport(Glibc)
        func seconds(_ clock: clockid_t) -> Double {
            var time = timespec()
            clock_gettime(clock, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        return seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME)
        #else
        return nil
        #endif
    }()

    private static func openFiles() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        // Does not count the entries "." and ".." or the descriptor used for reading the directory.
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return count
    }

    private static func fileLimit() -> Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Int(exactly: limit.rlim_cur)
    }

    /// Files in `/proc` report no size, so they are read to their end.
    private static func bytes(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }

    private static func integer(_ digits: ArraySlice<UInt8>) -> Int? { Int(String(decoding: digits, as: UTF8.self)) }
}

internal import CAllocator
internal import PrometheusCommandLine

/// The program `flashback-exporter`.
@main
enum FlashbackExporterProgram {
    static func main() async {
        // Before there are threads. What a refresh needs and then frees moves between them; in heaps of their own each would keep
        // the most that it ever needed. They rarely allocate at the same time.
        callocator_keep_little()
        await CommandLineProgram.main(ExporterCommand.self, configuredBy: ExporterConfiguration.rules)
    }
}

internal import PrometheusCommandLine

/// The program `flashback-exporter`.
@main
enum FlashbackExporterProgram {
    static func main() async {
        await CommandLineProgram.main(ExporterCommand.self)
    }
}

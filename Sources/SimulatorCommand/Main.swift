internal import PrometheusCommandLine

@main
struct Main {
    static func main() async {
        await CommandLineProgram.main(SimulatorCommand.self)
    }
}

internal import Configuration

@main
struct Main {
    static func main() async {
        await CommandLineProgram.main(SimulatorCommand.self)
    }
}

import ArgumentParser
import Testing

@testable import Configuration

@Suite("The command line as a layer")
struct CommandLineLayerTests {
    /// What the argument parser itself takes from arguments, and what comes out when they are made into values and back.
    @Test(
        "Arguments mean what they mean to the argument parser",
        arguments: [
            [], ["--api.url", "x"], ["--api.url=x"], ["--api.url=a=b"], ["--api.url", ""], ["--api.url", "x", "--api.url=y"],
            ["--api.url=", "x"], ["--api.url=--loud"], ["--api.url", "-"], ["--api.count", "-3"], ["--api.count=-3"],
            ["--api.id", "a", "--api.id=b", "--loud"], ["--no-part"], ["--no-part", "--part"], ["--part", "--no-part"],
            ["--part.ttl=1m", "--no-part"], ["--part.ttl", "1m"], ["--loud", "--loud"], ["--api.url=ü 🪣"],
            ["--api.id", "--", "--loud"], ["--log.level=debug", "--config.file", "x"],
        ])
    func meaning(_ arguments: [String]) throws {
        guard let parsed = try? SampleOptions.parse(arguments) else { return }
        let values = CommandLineLayer(catalogue: SampleConfiguration.catalogue).values(arguments)
        let again = try SampleOptions.parse(
            SampleConfiguration.catalogue.settings.flatMap { values[$0.name]?.arguments(for: $0) ?? [] })
        #expect("\(again)" == "\(parsed)")
        #expect(again.url == parsed.url && again.ids == parsed.ids && again.count == parsed.count)
        #expect(again.hasPart == parsed.hasPart && again.isLoud == parsed.isLoud && again.lifetime == parsed.lifetime)
    }

    @Test("What is no setting, or stands after the terminator, is passed over")
    func others() {
        let layer = CommandLineLayer(catalogue: SampleConfiguration.catalogue)
        #expect(layer.values(["collect", "--output", "x", "-h", "--loud"]).keys.sorted() == ["loud"])
        #expect(layer.values(["--loud", "--", "--no-part"]).keys.sorted() == ["loud"])
        #expect(layer.values(["--no-loudness", "--no-"]).isEmpty)
        #expect(layer.values(["--api.url"]).isEmpty)
    }

    @Test("The names of flags are found in messages")
    func names() {
        func names(_ message: String) -> [String] { FlagNames.named(in: message, SampleConfiguration.catalogue) }
        #expect(names("--api.url: no; use --no-part, or --part.ttl.") == ["api.url", "part", "part.ttl"])
        #expect(names("invalid for '--api.count <count>' and --api.count") == ["api.count"])
        #expect(names("--api.url.x --- --other -loud a--b -- --") == [])
    }
}

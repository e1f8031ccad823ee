import ArgumentParser
import Testing

@testable import Configuration

@Suite struct CommandLineLayerTests {
    /// The result of the argument parser itself, and the result after converting arguments to values and back.
    @Test(
        arguments: [
            [], ["--api.url", "x"], ["--api.url=x"], ["--api.url=a=b"], ["--api.url", ""], ["--api.url", "x", "--api.url=y"],
            ["--api.url=", "x"], ["--api.url=--loud"], ["--api.url", "-"], ["--api.count", "-3"], ["--api.count=-3"],
            ["--api.id", "a", "--api.id=b", "--loud"], ["--no-part"], ["--no-part", "--part"], ["--part", "--no-part"],
            ["--part.ttl=1m", "--no-part"], ["--part.ttl", "1m"], ["--loud", "--loud"], ["--api.url=ü 🪣"],
            ["--api.id", "--", "--loud"], ["--log.level=debug", "--config.file", "x"],
        ])
    func argumentsAreReadLikeTheArgumentParserDoes(_ arguments: [String]) throws {
        guard let parsed = try? SampleOptions.parse(arguments) else { return }
        let values = CommandLineLayer(catalogue: SampleConfiguration.catalogue).values(arguments)
        let again = try SampleOptions.parse(
            SampleConfiguration.catalogue.settings.flatMap { values[$0.name]?.arguments(for: $0) ?? [] })
        #expect("\(again)" == "\(parsed)")
        #expect(again.url == parsed.url && again.ids == parsed.ids && again.count == parsed.count)
        #expect(again.hasPart == parsed.hasPart && again.isLoud == parsed.isLoud && again.lifetime == parsed.lifetime)
    }

    @Test func unknownArgumentsAndThoseAfterTheTerminatorAreSkipped() {
        let layer = CommandLineLayer(catalogue: SampleConfiguration.catalogue)
        #expect(layer.values(["collect", "--output", "x", "-h", "--loud"]).keys.sorted() == ["loud"])
        #expect(layer.values(["--loud", "--", "--no-part"]).keys.sorted() == ["loud"])
        #expect(layer.values(["--no-loudness", "--no-"]).isEmpty)
        #expect(layer.values(["--api.url"]).isEmpty)
    }

    @Test func flagNamesAreFoundInMessages() {
        func names(_ message: String) -> [String] { FlagNames.named(in: message, SampleConfiguration.catalogue) }
        #expect(names("--api.url: no; use --no-part, or --part.ttl.") == ["api.url", "part", "part.ttl"])
        #expect(names("invalid for '--api.count <count>' and --api.count") == ["api.count"])
        #expect(names("--api.url.x --- --other -loud a--b -- --") == [])
    }
}

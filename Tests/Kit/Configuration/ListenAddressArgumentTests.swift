import ArgumentParser
import Configuration
import HTTPServer
import Testing

@Suite struct ListenAddressArgumentTests {
    private struct Command: ParsableCommand {
        @Option var address: ListenAddress
    }

    @Test func addressIsAnArgument() throws {
        #expect(try Command.parse(["--address", "[::1]:9"]).address == ListenAddress(host: "::1", port: 9))
        #expect(throws: (any Error).self) { try Command.parse(["--address", "9"]) }
    }
}

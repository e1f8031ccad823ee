public import ArgumentParser

/// Which API is scraped.
public struct UpstreamOptions: ParsableArguments {
    @Option(
        name: .customLong("api-command"),
        help: ArgumentHelp(
            "Shell command that serves the API instead of the simulator.",
            discussion: "It finds BUCKETS, NODES, LATENCY and TOKEN in its environment."))
    public var command: String?

    @Option(name: .customLong("api-url"), help: "Where the command of --api-command listens.")
    public var url: String?

    @Flag(help: "Do not ask for GET /bucket/available, which the API of --api-command need not serve.")
    public var withoutAvailable = false

    public init() {}

    public func validate() throws {
        guard (command == nil) == (url == nil) else { throw ValidationError("--api-command and --api-url need each other") }
    }

    /// How an account's buckets are served, for the head of a report.
    public var name: String { command == nil ? "flashback-simulator" : "another API" }
}

/// The API that is scraped, serving until it is stopped.
public final class Upstream {
    /// The access token that the API accepts. It guards nothing.
    public static let token = "benchmark-token"

    public let address: String
    /// Whether `GET /bucket/available` is served.
    public let servesAvailable: Bool
    private let server: Server

    /// - Parameters:
    ///   - programs: the directory of flashback-simulator.
    ///   - latency: how long an answer takes, like `20ms`.
    public init(_ options: UpstreamOptions, programs: String, buckets: Int, nodes: Int, latency: String) throws {
        servesAvailable = !options.withoutAvailable
        if let command = options.command, let url = options.url {
            address = url
            let account = ["BUCKETS": "\(buckets)", "NODES": "\(nodes)", "LATENCY": latency, "TOKEN": Self.token]
            server = try Server(shell: command, environment: account, listeningAt: url)
        } else {
            server = try Server(
                programs + "/flashback-simulator",
                [
                    "--web.listen-address", "127.0.0.1:0", "--token", Self.token, "--buckets", "\(buckets)", "--nodes",
                    "\(nodes)", "--latency", latency, "--jitter", "0s",
                ], announcement: "Listening on ")
            address = server.address
        }
    }

    /// User and system seconds so far.
    public var processorSeconds: Double { server.processorSeconds }

    public func stop() { server.stop() }
}

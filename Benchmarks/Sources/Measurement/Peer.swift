public import ArgumentParser

/// Another exporter over the same API, to compare with.
public struct PeerOptions: ParsableArguments {
    @Option(name: .customLong("peer-url"), help: "Address of another exporter's metrics, which asks the same API.")
    public var url: String?

    @Option(
        name: .customLong("peer-command"),
        help: ArgumentHelp(
            "Shell command that serves them; without it, they are served already.",
            discussion: "It finds API_URL and TOKEN in its environment."))
    public var command: String?

    public init() {}

    public func validate() throws {
        guard command == nil || url != nil else { throw ValidationError("--peer-command needs --peer-url") }
    }

    /// Starts the peer, if there is one.
    public func start(api: String) throws -> Peer? {
        guard let url else { return nil }
        let environment = ["API_URL": api, "TOKEN": Upstream.token]
        return Peer(url: url, server: try command.map { try Server(shell: $0, environment: environment, listeningAt: url) })
    }
}

/// Another exporter.
public struct Peer {
    public let url: String
    /// nil for one that somebody else has started, of which only times can be told.
    public let server: Server?

    public func stop() { server?.stop() }
}

internal import Basics
internal import Configuration
internal import FlashbackAPI
internal import FlashbackCollectors
internal import HTTPClient
internal import Logging

/// One account: what it is called, how its API is reached, and what is collected from it.
struct AccountSettings: Sendable, Hashable {
    /// The value of the label `account`; nil for an account that needs none, being the only one.
    var name: Identifier?
    let upstream: Upstream
    let collection: CollectionConfiguration

    /// The same account for who collects once: a configuration that says `background` says it of a server, and a refresher in that
    /// mode would answer before anything is read.
    var collectedOnce: AccountSettings {
        var collection = collection
        collection.mode = .scrape
        return AccountSettings(name: name, upstream: upstream, collection: collection)
    }

    /// A logger that says which account its lines are about, where there may be several.
    func naming(_ logger: Logger) -> Logger {
        var logger = logger
        if let name { logger[metadataKey: "account"] = "\(name)" }
        return logger
    }

    /// Opens the connection to its API, which asks the API nothing yet.
    /// - Throws: an error of one line that says which account it is about, where there may be several.
    func connection(time: TimeSource, logger: Logger) async throws -> Connection {
        do {
            return try await Connection(to: upstream, time: time, logger: naming(logger))
        } catch {
            throw InvalidArgument((name.map { "account \($0.text.debugDescription): " } ?? "") + "\(error)")
        }
    }
}

/// The API of one account: where it is, what opens it and how hard it may be asked.
struct Upstream: Sendable, Hashable {
    let baseURL: APIBaseURL
    let credentials: Credentials
    let transport: CurlTransportConfiguration
    /// The most requests at once.
    let concurrency: Int
    /// The most requests a second; nil leaves it to what the API bears.
    var maximumRate: Double?
}

internal import Basics
internal import Configuration
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import HTTPClient
internal import Logging

/// The settings of one account: its name, how its API is reached, and what is collected.
struct AccountSettings: Sendable, Hashable {
    /// The value of the label `account`; nil when there is only one account and it has no name.
    var name: Identifier?
    let upstream: Upstream
    let collection: CollectionConfiguration

    /// The settings for a single collection. `background` mode is meant for serving: an engine in that mode would answer before
    /// anything has been read.
    var collectedOnce: AccountSettings {
        var collection = collection
        collection.mode = .scrape
        return AccountSettings(name: name, upstream: upstream, collection: collection)
    }

    /// A logger that adds the account's name, if it has one.
    func naming(_ logger: Logger) -> Logger {
        var logger = logger
        if let name { logger[metadataKey: "account"] = "\(name)" }
        return logger
    }

    /// Opens the connection to its API without making a request.
    /// - Parameter observer: sees all exchanges; nil for none.
    /// - Throws: a one-line error with the account's name, if it has one.
    func connection(
        observer: (any ExchangeObserver)? = nil, time: TimeSource, logger: Logger
    ) async throws -> APIConnection {
        do {
            return try await APIConnection(to: upstream, observer: observer, time: time, logger: naming(logger))
        } catch {
            throw InvalidArgument("\(place)\(error)")
        }
    }

    /// Why these settings cannot be replaced now: the new account would read an outdated refresh token from its file.
    var unsavedTokenError: InvalidArgument {
        InvalidArgument(
            "\(place)\(upstream.credentials.flag): the new refresh token could not be saved and would be lost; make room or make "
                + "its directory writable, then reload again")
    }

    /// The beginning of an error about this account; empty if it has no name.
    private var place: String { name.map { "account \($0.text.debugDescription): " } ?? "" }
}

extension [AccountSettings] {
    /// What is exported: a setting common to all accounts.
    var metrics: MetricSelection { first?.collection.metrics ?? MetricSelection() }
}

/// An account's API: its address, credentials and request limits.
struct Upstream: Sendable, Hashable {
    let baseURL: APIBaseURL
    let credentials: Credentials
    let transport: CurlTransportConfiguration
    /// The maximum number of concurrent requests.
    let concurrency: Int
    /// The maximum requests per second; nil for no limit except the API's.
    var maximumRate: Double?
}

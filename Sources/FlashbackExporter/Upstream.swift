internal import CurlTransport
internal import FlashbackAPI

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

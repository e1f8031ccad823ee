internal import HTTPTypes

/// An endpoint whose requests are recognized in a recording.
struct KnownEndpoint: Sendable {
    let name: EndpointName
    /// The kind of the rows in its answers, and of the object that its path identifies.
    let rows: Pseudonyms.Kind
    /// Whether its requests and answers carry credentials.
    var grantsTokens = false

    static let all: [KnownEndpoint] = [
        KnownEndpoint(name: ListBuckets.name, rows: .bucket),
        KnownEndpoint(name: ListBucketTotals.name, rows: .bucket),
        KnownEndpoint(name: ListAvailableBuckets.name, rows: .bucket),
        KnownEndpoint(name: ReadBucketStatus.name, rows: .node),
        KnownEndpoint(name: ReadBucketDailyStatistics.name, rows: .node),
        KnownEndpoint(name: ValidateBucket.name, rows: .node),
        KnownEndpoint(name: ListRepositories.name, rows: .repository),
        KnownEndpoint(name: ListRepositoryTotals.name, rows: .repository),
        KnownEndpoint(name: ListNodes.name, rows: .node),
        KnownEndpoint(name: ListNodeStatuses.name, rows: .node),
        KnownEndpoint(name: ListNodeDailyStatistics.name, rows: .node),
        KnownEndpoint(name: ReadTrafficBreakdown<TrafficByNode>.name, rows: .node),
        KnownEndpoint(name: ReadTrafficBreakdown<TrafficByBucket>.name, rows: .bucket),
        KnownEndpoint(name: ReadStorageStatistics.name, rows: .other),
        KnownEndpoint(name: ReadQuota.name, rows: .other),
        KnownEndpoint(name: ReadCreditBalance.name, rows: .other),
        KnownEndpoint(name: ListWorkspaces.name, rows: .workspace),
        KnownEndpoint(name: EndpointName(.post, "/user/login"), rows: .other, grantsTokens: true),
        KnownEndpoint(name: EndpointName(.post, "/user/refresh"), rows: .other, grantsTokens: true),
    ]

    /// The endpoint of a request; nil when it is not known.
    /// - Parameter segments: the segments of the path.
    static func of(_ method: HTTPRequest.Method, _ segments: [Substring]) -> KnownEndpoint? {
        all.first { endpoint in
            let template = endpoint.name.template.split(separator: "/")
            return endpoint.name.method == method && template.count == segments.count
                && zip(template, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
    }
}

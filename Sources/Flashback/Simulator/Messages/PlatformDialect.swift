/// The dialects of repositories, nodes and traffic.
extension APIDialect {
    /// The name of a repository's buckets in GET /repo.
    package enum RepositoryBucketsName: String, Sendable, CaseIterable {
        case buckets
        /// Used before July 2025, with `unit` for each bucket's description.
        case units
    }

    /// How GET /repo identifies the buckets of a repository: both forms are optional in the client's types.
    package enum RepositoryBucketForm: String, Sendable, CaseIterable {
        /// `bucketId` and the description in `bucket`.
        case both
        /// `bucketId` only.
        case identifier
        /// The description only.
        case description
    }

    /// The outermost value of GET /node.
    package enum NodeListForm: String, Sendable, CaseIterable {
        /// `{"success": true, "data": […], "total": 3}`.
        case envelope
        /// `[…]`, used before October 2025.
        case array
    }

    /// The name of a node's own latency in GET /node, and of the average in the traffic breakdowns.
    package enum NodeLatencyName: String, Sendable, CaseIterable {
        case camelCase = "latencyMs"
        case snakeCase = "latency_ms"
    }

    /// The name of a node's address in GET /node.
    package enum NodeAddressName: String, Sendable, CaseIterable {
        case url
        case host
        case endpoint
    }

    /// The word for a node that is up in GET /node; a node's own status is free text.
    package enum OnlineNodeWord: String, Sendable, CaseIterable {
        case online = "ONLINE"
        case active
        case running
    }

    /// The names of the sums in the traffic breakdowns.
    package enum TrafficNames: String, Sendable, CaseIterable {
        /// `requests`, `uplBytes`, `dwlBytes`, `sizeChange`.
        case camelCase
        /// `requests`, `upl_bytes`, `dwl_bytes`, `size_change`, as in the older statistics.
        case snakeCase = "snake_case"
        /// `totalCount`, `totalUploadBytes`, `totalDownloadBytes`, `totalSizeChange`, as in GET /bucket/stats.
        case total
    }

    /// The JSON type of the sums in the traffic breakdowns.
    package enum TrafficKind: String, Sendable, CaseIterable {
        case number
        case string
    }
}

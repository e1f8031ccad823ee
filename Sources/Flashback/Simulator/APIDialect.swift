/// How the simulator spells its answers where the API's documents, its client and its history disagree.
///
/// The first case of each choice is what the endpoint's own page documents, and the default.
package struct APISpelling: Sendable, Hashable {
    /// The latency of a node in GET /bucket/{bucketId}/status, and of POST /bucket/{bucketId}/validate.
    package enum LatencyName: String, Sendable, CaseIterable {
        case snakeCase = "latency_ms"
        case camelCase = "latencyMs"
    }

    /// The bucket's identifier beside its totals and its node status.
    package enum BucketIDName: String, Sendable, CaseIterable {
        case bucketID = "bucketId"
        case unitID = "unitId"
    }

    /// The kind of the four totals of GET /bucket/stats.
    package enum TotalsKind: String, Sendable, CaseIterable {
        case string
        case number
    }

    /// The names of the four totals of GET /bucket/stats.
    package enum TotalsNames: String, Sendable, CaseIterable {
        /// `totalCount`, `totalUploadBytes`, `totalDownloadBytes`, `totalSizeChange`.
        case total
        /// `requests`, `upl_bytes`, `dwl_bytes`, `size_change`, as the older statistics have them.
        case snakeCase = "snake_case"
        /// `requests`, `uplBytes`, `dwlBytes`, `sizeChange`, as the dashboard's statistics have them.
        case camelCase
    }

    /// The word for Azure's storage type.
    package enum AzureWord: String, Sendable, CaseIterable {
        case blob = "BLOB"
        case azure = "AZURE"
    }

    /// The outermost value of a list of buckets.
    package enum ListForm: String, Sendable, CaseIterable {
        /// `{"success": true, "buckets": […]}`, as documented for GET /bucket.
        case envelope
        /// `[…]`, as documented for GET /bucket/available.
        case array
    }

    /// What becomes of the fields of a bucket and of a node that the client's types call optional.
    package enum OptionalFields: String, Sendable, CaseIterable {
        case present
        case missing
        case null
    }

    /// The latency of a node that is not ONLINE.
    package enum LatencyWhenDown: String, Sendable, CaseIterable {
        case lastMeasured = "last-measured"
        case missing
        case null
    }

    /// The time of a node's last report.
    package enum LastUpdatedName: String, Sendable, CaseIterable {
        /// `lastUpdated` in GET /bucket/{bucketId}/status, `last_updated` in POST /bucket/{bucketId}/stats.
        case documented
        case camelCase = "lastUpdated"
        case snakeCase = "last_updated"
    }

    /// The status of a node.
    package enum NodeStatusName: String, Sendable, CaseIterable {
        /// `status` in GET /bucket/{bucketId}/status, `node_status` in POST /bucket/{bucketId}/stats.
        case documented
        case status
        case camelCase = "nodeStatus"
        case snakeCase = "node_status"
    }

    /// The host pattern in POST /bucket/{bucketId}/stats.
    package enum HostName: String, Sendable, CaseIterable {
        case host
        case endpoint
        case url
    }

    /// The uptime percentage in POST /bucket/{bucketId}/stats.
    package enum UptimeName: String, Sendable, CaseIterable {
        case percentUptime = "perc_uptime"
        case online
    }

    /// The word for a node that does not reach the bucket; `ERROR` was used before May 2025.
    package enum DisconnectedWord: String, Sendable, CaseIterable {
        case disconnected = "DISCONNECTED"
        case error = "ERROR"
    }

    /// The word for a bucket that is reached; the status of a bucket is free text.
    package enum OnlineBucketWord: String, Sendable, CaseIterable {
        case online = "ONLINE"
        case active = "ACTIVE"
    }

    /// The access token in answers to POST /user/login and /user/refresh.
    package enum AccessTokenName: String, Sendable, CaseIterable {
        case camelCase = "accessToken"
        case token
        case snakeCase = "access_token"
    }

    /// The refresh token in answers to POST /user/login and /user/refresh.
    package enum RefreshTokenName: String, Sendable, CaseIterable {
        case camelCase = "refreshToken"
        case snakeCase = "refresh_token"
    }

    /// The unit of `expiresAt`, which no document tells.
    package enum ExpiryUnit: String, Sendable, CaseIterable {
        case seconds
        case milliseconds
    }

    /// The resolution of times: the documents show both forms.
    package enum TimeForm: String, Sendable, CaseIterable {
        case milliseconds
        case seconds
    }

    package var latencyName = LatencyName.snakeCase
    package var bucketIDName = BucketIDName.bucketID
    package var totalsKind = TotalsKind.string
    package var totalsNames = TotalsNames.total
    package var azureWord = AzureWord.blob
    /// The form of GET /bucket.
    package var list = ListForm.envelope
    /// The form of GET /bucket/available.
    package var available = ListForm.array
    package var optionalFields = OptionalFields.present
    package var latencyWhenDown = LatencyWhenDown.lastMeasured
    package var lastUpdatedName = LastUpdatedName.documented
    package var nodeStatusName = NodeStatusName.documented
    package var hostName = HostName.host
    package var uptimeName = UptimeName.percentUptime
    package var disconnectedWord = DisconnectedWord.disconnected
    package var onlineBucketWord = OnlineBucketWord.online
    package var accessTokenName = AccessTokenName.camelCase
    package var refreshTokenName = RefreshTokenName.camelCase
    package var expiryUnit = ExpiryUnit.seconds
    package var timeForm = TimeForm.milliseconds
    package var errorEnvelope = ErrorEnvelope.message
    /// Leaves buckets that never had any traffic out of GET /bucket/stats.
    package var omitsIdleBuckets = false
    /// Adds the fields of a bucket that only the client's types know: `projectId`, `walletAddress`, `apiKeyId`, `repos`.
    package var clientFields = false

    package init() {}

    func time(_ timestamp: Timestamp) -> JSONValue {
        .string(timestamp.iso8601(fraction: timeForm == .milliseconds))
    }

    func word(_ status: NodeStatus) -> String {
        status == .disconnected ? disconnectedWord.rawValue : status.rawValue
    }
}

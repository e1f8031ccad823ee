/// The dialect of the simulator's responses, where the API's documents, its client and its history disagree.
///
/// The first case of each choice is the one documented on the endpoint's own page, and the default.
package struct APIDialect: Sendable, Hashable {
    /// The name of the latency in GET /bucket/{bucketId}/status and POST /bucket/{bucketId}/validate.
    package enum LatencyName: String, Sendable, CaseIterable {
        case snakeCase = "latency_ms"
        case camelCase = "latencyMs"
    }

    /// The name of the bucket's identifier in its totals and node status.
    package enum BucketIDName: String, Sendable, CaseIterable {
        case bucketID = "bucketId"
        case unitID = "unitId"
    }

    /// The JSON type of the four totals in GET /bucket/stats.
    package enum TotalsKind: String, Sendable, CaseIterable {
        case string
        case number
    }

    /// The names of the four totals in GET /bucket/stats.
    package enum TotalsNames: String, Sendable, CaseIterable {
        /// `totalCount`, `totalUploadBytes`, `totalDownloadBytes`, `totalSizeChange`.
        case total
        /// `requests`, `upl_bytes`, `dwl_bytes`, `size_change`, as in the older statistics.
        case snakeCase = "snake_case"
        /// `requests`, `uplBytes`, `dwlBytes`, `sizeChange`, as in the dashboard's statistics.
        case camelCase
    }

    /// The word for the storage type of Azure.
    package enum AzureWord: String, Sendable, CaseIterable {
        case blob = "BLOB"
        case azure = "AZURE"
    }

    /// The outermost value of a bucket list.
    package enum ListForm: String, Sendable, CaseIterable {
        /// `{"success": true, "buckets": […]}`, as documented for GET /bucket.
        case envelope
        /// `[…]`, as documented for GET /bucket/available.
        case array
    }

    /// The treatment of fields of buckets and nodes that the client's types declare optional.
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

    /// The name of the time of a node's last report.
    package enum LastUpdatedName: String, Sendable, CaseIterable {
        /// `lastUpdated` in GET /bucket/{bucketId}/status, `last_updated` in POST /bucket/{bucketId}/stats.
        case documented
        case camelCase = "lastUpdated"
        case snakeCase = "last_updated"
    }

    /// The name of a node's status.
    package enum NodeStatusName: String, Sendable, CaseIterable {
        /// `status` in GET /bucket/{bucketId}/status, `node_status` in POST /bucket/{bucketId}/stats.
        case documented
        case status
        case camelCase = "nodeStatus"
        case snakeCase = "node_status"
    }

    /// The name of the host pattern in POST /bucket/{bucketId}/stats.
    package enum HostName: String, Sendable, CaseIterable {
        case host
        case endpoint
        case url
    }

    /// The name of the uptime percentage in POST /bucket/{bucketId}/stats.
    package enum UptimeName: String, Sendable, CaseIterable {
        case percentUptime = "perc_uptime"
        case online
    }

    /// The word for a node that does not reach the bucket; `ERROR` was used before May 2025.
    package enum DisconnectedWord: String, Sendable, CaseIterable {
        case disconnected = "DISCONNECTED"
        case error = "ERROR"
    }

    /// The word for a reachable bucket; a bucket's status is free text.
    package enum OnlineBucketWord: String, Sendable, CaseIterable {
        case online = "ONLINE"
        case active = "ACTIVE"
    }

    /// The name of the access token in responses to POST /user/login and /user/refresh.
    package enum AccessTokenName: String, Sendable, CaseIterable {
        case camelCase = "accessToken"
        case token
        case snakeCase = "access_token"
    }

    /// The name of the refresh token in responses to POST /user/login and /user/refresh.
    package enum RefreshTokenName: String, Sendable, CaseIterable {
        case camelCase = "refreshToken"
        case snakeCase = "refresh_token"
    }

    /// The unit of `expiresAt`, which is undocumented.
    package enum ExpiryUnit: String, Sendable, CaseIterable {
        case seconds
        case milliseconds
    }

    /// The unit of `ts`, `start` and `end` in GET /v2/stats/storage, which is undocumented.
    package enum SeriesTimeUnit: String, Sendable, CaseIterable {
        case seconds
        case milliseconds
    }

    /// The resolution of times; the documents show both forms.
    package enum TimeForm: String, Sendable, CaseIterable {
        case milliseconds
        case seconds
    }

    // MARK: Statistics of many buckets

    /// The identification of nodes in GET /stats/nodes/minute and GET /stats/nodes/daily. The field is `nodeId`; whether its value
    /// is the node's IP address is undocumented.
    package enum NodeIDForm: String, Sendable, CaseIterable {
        case address
        case identifier
        case number
        /// `nodeId` is another identifier, and `ip` the address.
        case identifierAndAddress = "identifier-and-address"
    }

    /// The field `day` in GET /stats/nodes/daily.
    package enum DayForm: String, Sendable, CaseIterable {
        /// `15012024`, or `1062025` for 1 June 2025, like the request's parameters.
        case digits = "ddmmyyyy"
        case seconds
        case milliseconds
    }

    /// The JSON type of numbers in GET /stats/nodes/minute and GET /stats/nodes/daily.
    package enum StatisticsKind: String, Sendable, CaseIterable {
        case number
        case string
    }

    package var nodeIDForm = NodeIDForm.address
    package var dayForm = DayForm.digits
    package var statisticsKind = StatisticsKind.number

    // MARK: All endpoints

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
    package var seriesTimeUnit = SeriesTimeUnit.seconds
    package var timeForm = TimeForm.milliseconds
    package var errorEnvelope = ErrorEnvelope.message
    /// Omits buckets that never had traffic from GET /bucket/stats.
    package var omitsIdleBuckets = false
    /// Adds the bucket fields that only the client's types have: `projectId`, `walletAddress`, `apiKeyId`, `repos`.
    package var clientFields = false

    // Repositories, nodes and traffic.
    package var repositoryBucketsName = RepositoryBucketsName.buckets
    package var repositoryBucketForm = RepositoryBucketForm.both
    package var nodeList = NodeListForm.envelope
    package var nodeLatencyName = NodeLatencyName.camelCase
    package var nodeAddressName = NodeAddressName.url
    package var onlineNodeWord = OnlineNodeWord.online
    package var trafficNames = TrafficNames.camelCase
    package var trafficKind = TrafficKind.number
    /// The most rows on a page of a traffic breakdown; the real maximum is not documented.
    package var maximumTrafficPageRows = 100
    /// Omits `totalEntities` from the traffic breakdowns.
    package var omitsTotalEntities = false
    // MARK: The account's endpoints

    /// The JSON type of the amounts in GET /user/quota and GET /credits/balance.
    package enum AmountKind: String, Sendable, CaseIterable {
        case number
        case string
    }

    /// The form of `dateBalance` in GET /credits/balance.
    package enum CreditDateForm: String, Sendable, CaseIterable {
        case time
        case day
        case null
    }

    package var amountKind = AmountKind.number
    package var creditDateForm = CreditDateForm.time
    /// The form of errors of GET /user/quota and GET /credits/balance.
    package var quotaErrorEnvelope = ErrorEnvelope.codeAndMessage

    func amount(_ integer: Int64) -> JSONValue {
        amountKind == .string ? .string(String(integer)) : .integer(integer)
    }

    func amount(_ number: Double) -> JSONValue {
        amountKind == .string ? .string("\(number)") : .number(number)
    }

    /// The form of an endpoint's own errors.
    func errorEnvelope(of endpoint: SimulatedEndpoint) -> ErrorEnvelope {
        endpoint == .quota || endpoint == .creditBalance ? quotaErrorEnvelope : errorEnvelope
    }

    // MARK: Values

    package init() {}

    func time(_ timestamp: Timestamp) -> JSONValue {
        .string(timestamp.iso8601(fraction: timeForm == .milliseconds))
    }

    func word(_ status: NodeStatus) -> String {
        status == .disconnected ? disconnectedWord.rawValue : status.rawValue
    }
}

internal import HTTPTypes

/// The contracts of all endpoints, from their documentation pages, or from the types of the API's client where a page is unknown.
extension EndpointContract {
    private static let status = FieldContract.Form.word(["ONLINE", "OFFLINE", "DISCONNECTED"], .status)
    private static let storageType = FieldContract.Form.word(["S3", "GCS", "BLOB"], .storageType)
    private static let success = FieldContract.field("success", form: .boolean)

    private static let availableBucket: [FieldContract] =
        [
            .field("id", form: .text), .field("name", form: .text), .field("storageType", form: storageType),
            .field("bucket", form: .text), .field("status", form: status), .field("workspaceId", form: .text),
            .field("createdAt", form: .time),
        ] + FieldContract.unused("key")

    private static let bucket = ObjectContract(
        availableBucket + [
            .field("region", form: .text), .optional("endpoint", form: .text), .field("lastStatusAt", form: .time),
        ] + FieldContract.unused("secret"))

    private static let bucketTotals: [FieldContract] = [
        .field("totalUploadBytes", "upl_bytes", "uplBytes", form: .numberInString),
        .field("totalDownloadBytes", "dwl_bytes", "dwlBytes", form: .numberInString),
        .field("totalSizeChange", "size_change", "sizeChange", form: .numberInString),
    ]

    private static func latency(_ first: String, _ second: String) -> FieldContract { .field(first, second, form: .number) }

    private static let traffic = ObjectContract(
        success,
        .field(
            "meta",
            form: .object(
                ObjectContract(
                    [.field("totalEntities", form: .number)]
                        + FieldContract.unused(
                            "start", "end", "scope", "scopeId", "window", "timeBucketSize", "resourceFilter", "breakdownBy",
                            "includesSeries", "limit", "offset")))),
        .optional("summary", form: .unused), .optional("message", form: .unused),
        .field(
            "entities", "data",
            form: .list(
                ObjectContract(
                    .field("entityId", form: .text), .optional("entityName", form: .text), .optional("series", form: .unused),
                    .field(
                        "totals",
                        form: .object(
                            ObjectContract(
                                .field("requests", "totalCount", form: .number),
                                .field("uplBytes", "upl_bytes", "totalUploadBytes", form: .number),
                                .field("dwlBytes", "dwl_bytes", "totalDownloadBytes", form: .number),
                                .field("sizeChange", "size_change", "totalSizeChange", form: .number),
                                latency("latencyMs", "latency_ms"))))))))

    private static let tokens = ObjectContract(
        [
            success, .field("accessToken", "token", "access_token", form: .text),
            .field("refreshToken", "refresh_token", form: .text), .field("expiresAt", form: .seconds),
        ] + FieldContract.unused("user", "message", "tokenId"))

    static let all: [EndpointContract] = buckets + account + statistics

    private static let buckets: [EndpointContract] = [
        EndpointContract(
            name: ListBuckets.name.description, root: ObjectContract(success, .field("buckets", "data", form: .list(bucket))),
            list: "buckets"),
        EndpointContract(
            name: ListAvailableBuckets.name.description,
            root: ObjectContract(
                .optional("success", form: .boolean), .field("buckets", "data", form: .list(ObjectContract(availableBucket)))),
            list: "buckets", isArray: true),
        EndpointContract(
            name: ListBucketTotals.name.description,
            root: ObjectContract(
                success,
                .field(
                    "stats", "data",
                    form: .list(
                        ObjectContract(
                            [.field("bucketId", "unitId", form: .text), .field("totalCount", "requests", form: .numberInString)]
                                + bucketTotals)))),
            list: "stats"),
        EndpointContract(
            name: ReadBucketStatus.name.description,
            root: ObjectContract(
                .field("bucketId", "unitId", form: .text),
                .field(
                    "nodeStatus", "data",
                    form: .list(
                        ObjectContract(
                            .field("ip", "nodeId", form: .node), .field("region", form: .text), .field("version", form: .text),
                            .field("status", "nodeStatus", "node_status", form: status), latency("latency_ms", "latencyMs"),
                            .field("lastUpdated", "last_updated", form: .time)))))),
        EndpointContract(
            name: ReadBucketDailyStatistics.name.description,
            root: ObjectContract(
                success,
                .field(
                    "nodeStats", "data",
                    form: .list(
                        ObjectContract(
                            .field("ip", "nodeId", form: .node), .field("host", "endpoint", "url", form: .text),
                            .field("perc_uptime", "online", form: .number), .field("avg_latency_ms", form: .number),
                            .optional("version", form: .unused), .field("node_status", "nodeStatus", "status", form: status),
                            .field("last_updated", "lastUpdated", form: .time), .field("last_latency_ms", form: .number)))))),
        EndpointContract(
            name: ValidateBucket.name.description,
            root: ObjectContract(
                success, .optional("message", form: .unused), .field("status", form: status), latency("latency_ms", "latencyMs"))),
        EndpointContract(
            name: ListRepositories.name.description,
            root: ObjectContract(
                success,
                .field(
                    "repos", "data",
                    form: .list(
                        ObjectContract(
                            [
                                .field("id", form: .text), .field("name", form: .text), .field("storageType", form: storageType),
                                .field("mode", form: .word(["NORMAL", "MIRROR"], .mode)), .field("workspaceId", form: .text),
                                .field("createdAt", form: .time), .optional("disabled", form: .boolean),
                                .field(
                                    "buckets", "units",
                                    form: .list(
                                        ObjectContract(
                                            .field("folder", form: .text), .field("master", form: .boolean),
                                            .field("bucketId", "unitId", form: .text),
                                            .field("bucket", "unit", form: .object(bucket))))),
                            ] + FieldContract.unused("apiKeys", "aiLlms", "aiApiKeys", "walletAddress"))))),
            list: "repos"),
        EndpointContract(
            name: ListRepositoryTotals.name.description,
            root: ObjectContract(
                success, .field("stats", "data", form: .list(ObjectContract([.field("repoId", form: .text)] + bucketTotals)))),
            list: "stats"),
    ]

    private static let account: [EndpointContract] = [
        EndpointContract(
            name: ReadQuota.name.description,
            root: ObjectContract(
                success,
                .field(
                    "subscription",
                    form: .object(
                        ObjectContract(
                            .field("id", form: .text), .field("name", form: .text), .optional("description", form: .unused)))),
                .field(
                    "quotaUsage", "data",
                    form: .list(
                        ObjectContract(
                            .field(
                                "capability",
                                form: .object(
                                    ObjectContract(
                                        [
                                            .field("code", form: .text),
                                            .field(
                                                "periodType",
                                                form: .word(["ALL_TIME", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"], .period)),
                                        ] + FieldContract.unused("id", "description", "type")))),
                            .field(
                                "usage",
                                form: .object(
                                    ObjectContract(
                                        .field("current", form: .number), .field("max", form: .number),
                                        .optional("percentage", form: .unused)))))))),
            errorFields: ["error_code", "message"]),
        EndpointContract(
            name: ReadCreditBalance.name.description,
            root: ObjectContract(
                success,
                .field(
                    "data",
                    form: .object(
                        ObjectContract(
                            .field("creditBalance", form: .number), .field("dateBalance", form: .time),
                            .field("realtimeBalance", form: .number), .field("pendingConsumption", form: .number),
                            .field(
                                "breakdown",
                                form: .object(
                                    ObjectContract(
                                        .field("storage", form: .number), .field("ai", form: .number)))))))),
            errorFields: ["error_code", "message"]),
        EndpointContract(
            name: ListWorkspaces.name.description,
            root: ObjectContract(
                success,
                .field(
                    "workspaces", "data",
                    form: .list(
                        ObjectContract(
                            [.field("id", form: .text), .field("name", form: .text)] + FieldContract.unused("orgId", "users"))))),
            list: "workspaces"),
        EndpointContract(name: "POST /user/login", root: tokens),
        EndpointContract(name: "POST /user/refresh", root: tokens),
    ]

    private static let statistics: [EndpointContract] = [
        EndpointContract(
            name: ReadStorageStatistics.name.description,
            root: ObjectContract(
                [
                    success,
                    .field(
                        "series", "data",
                        form: .list(
                            ObjectContract(
                                .field("ts", form: .seconds), .field("requests", "totalCount", form: .number),
                                .field("uplBytes", "upl_bytes", form: .number), .field("dwlBytes", "dwl_bytes", form: .number),
                                .field("sizeChange", "size_change", form: .number), latency("latencyMs", "latency_ms"),
                                .optional("entityId", form: .unused)))),
                ] + FieldContract.unused("meta", "summary", "message")),
            list: "series"),
        EndpointContract(
            name: ListNodes.name.description,
            root: ObjectContract(
                success, .optional("total", form: .unused),
                .field(
                    "data",
                    form: .list(
                        ObjectContract(
                            [
                                .field("ip", form: .node), .field("region", form: .text), .field("version", form: .text),
                                .field("status", "nodeStatus", "node_status", form: status), latency("latencyMs", "latency_ms"),
                                .field("lastUpdated", "last_updated", form: .time),
                                .field("url", "host", "endpoint", form: .text),
                            ] + FieldContract.unused("id_org", "nodeServices"))))),
            list: "data"),
        EndpointContract(
            name: ListNodeStatuses.name.description,
            root: ObjectContract(
                success, .optional("message", form: .unused),
                .field(
                    "data",
                    form: .list(
                        ObjectContract(
                            .field("nodeId", form: .node), .field("bucketId", "unitId", form: .text),
                            .field("nodeStatus", "status", "node_status", form: status),
                            .field("lastUpdated", "last_updated", form: .time), latency("latency_ms", "latencyMs"))))),
            list: "data"),
        EndpointContract(
            name: ListNodeDailyStatistics.name.description,
            root: ObjectContract(
                success, .optional("message", form: .unused),
                .field(
                    "data",
                    form: .list(
                        ObjectContract(
                            [
                                .field("nodeId", form: .node), .field("bucketId", "unitId", form: .text),
                                .field("day", form: .day),
                                .field("online", "perc_uptime", form: .number), latency("latency_ms", "latencyMs"),
                                .optional("endpoint", "host", "url", form: .text),
                            ] + FieldContract.unused("region", "storageType", "provider", "status", "version"))))),
            list: "data"),
        EndpointContract(name: ReadTrafficBreakdown<TrafficByNode>.name.description, root: traffic, list: "entities"),
        EndpointContract(name: ReadTrafficBreakdown<TrafficByBucket>.name.description, root: traffic, list: "entities"),
    ]
}

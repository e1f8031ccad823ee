/// The JSON names that are read, each as the API spells it; one thing may have several names.
package enum FieldName: String, CaseIterable, Sendable {
    // Envelopes.
    case success, message, error, error_code, errorCode, error_message, errorMessage
    case buckets, data, stats, nodeStatus, nodeStats
    // Buckets. `key`, `secret` and `apiKeyId` are absent on purpose: what has no name here cannot be read.
    case id, name, bucket, storageType, region, endpoint, workspaceId, status, lastStatusAt, createdAt
    // Totals.
    case bucketId, unitId
    case totalCount, requests
    case totalUploadBytes, upl_bytes, uplBytes
    case totalDownloadBytes, dwl_bytes, dwlBytes
    case totalSizeChange, size_change, sizeChange
    // Nodes.
    case ip, version, node_status
    case latency_ms, latencyMs, avg_latency_ms, last_latency_ms
    case lastUpdated, last_updated
    case host, url
    case perc_uptime, online
    // Tokens.
    case accessToken, token, access_token, refreshToken, refresh_token, expiresAt
}

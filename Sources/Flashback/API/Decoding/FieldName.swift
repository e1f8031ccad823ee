/// The JSON names that are decoded, in the API's spelling; a field may have several names.
package enum FieldName: String, CaseIterable, Sendable {
    // Envelopes.
    case success, message, error, error_code, errorCode, error_message, errorMessage
    case buckets, data, stats, nodeStatus, nodeStats
    // Buckets. `key`, `secret` and `apiKeyId` are omitted on purpose: a field without a name here cannot be decoded.
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
    // Repositories. `apiKeys`, `aiLlms` and `aiApiKeys` are omitted on purpose.
    case repos, repoId, mode, disabled, folder, master, units, unit
    // Traffic of a window.
    case entities, entityId, entityName, totals, meta, totalEntities
    // Statistics of nodes.
    case nodeId, day
    // Traffic by time.
    case series, ts
    // Tokens.
    case accessToken, token, access_token, refreshToken, refresh_token, expiresAt
    // Quotas.
    case subscription, quotaUsage, capability, code, periodType, usage, current, max
    // Credits.
    case creditBalance, dateBalance, realtimeBalance, pendingConsumption, breakdown, storage, ai
    // Workspaces. `users` is omitted on purpose: it contains personal data.
    case workspaces
}

/// Finds the ``FieldName`` for a byte sequence without creating a string.
struct FieldNameTable: Sendable {
    /// All names concatenated, from the shortest to the longest.
    private var letters: [UInt8] = []
    private var entries: [(name: FieldName, start: Int)] = []
    /// The index of the first entry of each length, followed by the end index.
    private var firstEntries: [Int] = [0]

    init() {
        let names = FieldName.allCases.sorted { $0.rawValue.utf8.count < $1.rawValue.utf8.count }
        for name in names {
            while firstEntries.count <= name.rawValue.utf8.count { firstEntries.append(entries.count) }
            entries.append((name, letters.count))
            letters += name.rawValue.utf8
        }
        firstEntries.append(entries.count)
    }

    func name(of range: Range<Int>, in bytes: [UInt8]) -> FieldName? {
        guard range.count + 1 < firstEntries.count else { return nil }
        for index in firstEntries[range.count]..<firstEntries[range.count + 1] {
            let entry = entries[index]
            var matching = 0
            while matching < range.count, letters[entry.start + matching] == bytes[range.lowerBound + matching] { matching += 1 }
            if matching == range.count { return entry.name }
        }
        return nil
    }
}

internal import NIOConcurrencyHelpers

/// A snapshot of a bucket in the simulation.
package struct SimulatedBucket: Sendable, Hashable {
    package let id: String
    package let name: String
    package let workspaceID: String
    /// No node ever reaches it.
    package let isIll: Bool
}

/// Test controls that bypass the API. For a bucket that does not exist they do nothing and return false.
extension FlashbackSimulation {
    /// The buckets that are not deleted, in the order of GET /bucket.
    package var buckets: [SimulatedBucket] {
        state.withLockedValue { state in
            state.organization.liveBuckets.map {
                SimulatedBucket(id: $0.id, name: $0.name, workspaceID: $0.workspaceID, isIll: $0.isIll)
            }
        }
    }

    /// The nodes that report on every bucket.
    package var nodes: [SimulatedNode] { state.withLockedValue { $0.organization.nodes } }

    /// The identifiers of the workspaces.
    package var workspaces: [String] { state.withLockedValue { $0.organization.workspaces } }

    /// All credentials of all buckets, including deleted ones, and then those of the repositories. They must not appear anywhere but
    /// in API responses.
    package var secrets: [String] {
        state.withLockedValue { state in
            state.organization.buckets.flatMap(\.credentials.values)
                + state.organization.repositories.flatMap(\.credentials.values)
        }
    }

    // MARK: Buckets

    /// Creates a bucket and returns its identifier. Unlike POST /bucket it accepts any text and duplicate names, and ignores the
    /// quota.
    package func createBucket(
        name: String, cloudBucket: String = "simulated", storageType: String = "S3", region: String = "us-east-1",
        endpoint: String? = nil, workspaceID: String? = nil
    ) -> String {
        let now = timestamp
        let fields = BucketFields(
            name: name, bucket: cloudBucket, storageType: storageType, region: region, endpoint: endpoint,
            workspaceId: workspaceID)
        return state.withLockedValue { $0.organization.create(fields, at: now) }
    }

    /// Renames a bucket; the name may be empty or already in use.
    @discardableResult
    package func renameBucket(_ id: String, to name: String) -> Bool {
        change(id) { $0.name = name }
    }

    @discardableResult
    package func moveBucket(_ id: String, toWorkspace workspaceID: String) -> Bool {
        change(id) { $0.workspaceID = workspaceID }
    }

    @discardableResult
    package func deleteBucket(_ id: String) -> Bool {
        state.withLockedValue { $0.organization.delete(id) }
    }

    /// Sets a bucket's status to any word; nil derives it from its nodes again.
    @discardableResult
    package func setStatus(_ word: String?, ofBucket id: String) -> Bool {
        change(id) { $0.statusOverride = word }
    }

    /// Sets a bucket's totals to fixed values; nil lets them grow with time again.
    @discardableResult
    package func setTotals(_ totals: SimulatedTotals?, ofBucket id: String) -> Bool {
        change(id) { $0.totals = totals }
    }

    /// A bucket's current totals in GET /bucket/stats; nil for an unknown bucket.
    package func totals(ofBucket id: String) -> SimulatedTotals? {
        let now = timestamp
        return state.withLockedValue { state in
            state.organization[id].map { state.organization.totals(of: $0, at: now) }
        }
    }

    /// Sets how many duplicate rows a bucket has in GET /bucket and GET /bucket/stats.
    @discardableResult
    package func setExtraRows(_ count: Int, ofBucket id: String) -> Bool {
        change(id) { $0.extraRows = max(0, count) }
    }

    /// Makes a bucket's own endpoints return 403, although the lists show it; GET /bucket/stats omits it.
    @discardableResult
    package func setForbidden(_ isForbidden: Bool, bucket id: String) -> Bool {
        change(id) { $0.isForbidden = isForbidden }
    }

    /// Omits a bucket from GET /stats/nodes/minute and GET /stats/nodes/daily, although its own endpoints answer.
    @discardableResult
    package func setOmittedFromStatistics(_ isOmitted: Bool, bucket id: String) -> Bool {
        change(id) { $0.isOmittedFromStatistics = isOmitted }
    }

    /// Makes POST /bucket/{bucketId}/validate return 400 with a message; nil derives the result from the nodes again.
    @discardableResult
    package func setValidationFailure(_ message: String?, ofBucket id: String) -> Bool {
        change(id) { $0.validationFailure = message }
    }

    /// Sets the buckets in GET /bucket/available by identifier; nil restores those determined by the seed.
    package func setAvailable(_ ids: Set<String>?) {
        state.withLockedValue { $0.organization.available = ids }
    }

    // MARK: Nodes

    /// Sets a node's status to any word from now on, for one bucket or for all; nil restores the schedule.
    @discardableResult
    package func setStatus(_ word: String?, ofNode ip: String, bucket id: String? = nil) -> Bool {
        let override = word.map { NodeStatusOverride(word: $0, since: timestamp) }
        if let id { return change(id) { $0.nodeStatusOverrides[ip] = override } }
        state.withLockedValue { $0.organization.nodeStatusOverrides[ip] = override }
        return true
    }

    /// Gives a bucket its own nodes; nil restores the common ones.
    @discardableResult
    package func setNodes(_ nodes: [SimulatedNode]?, ofBucket id: String) -> Bool {
        change(id) { $0.nodes = nodes }
    }

    /// Sets how many duplicate rows a node has in a bucket's status and daily statistics.
    @discardableResult
    package func setExtraRows(_ count: Int, ofNode ip: String, bucket id: String) -> Bool {
        change(id) { $0.extraNodeRows[ip] = max(0, count) }
    }

    // MARK: The whole API

    /// Takes the whole API down; nil restores it. Requests that are already hanging continue to hang.
    package func setOutage(_ outage: SimulatedOutage?) {
        state.withLockedValue { $0.outage = outage }
    }

    /// Issues a pair of tokens, as POST /user/login does.
    package func issueTokens() -> (accessToken: String, refreshToken: String) {
        let now = timestamp
        let issued = state.withLockedValue { $0.tokens.issue(at: now, $0.configuration) }
        return (issued.accessToken, issued.refreshToken ?? "")
    }

    /// Revokes all access tokens issued so far, and with `refreshTokens` all refresh tokens. Configured tokens stay valid.
    package func revokeTokens(refreshTokens: Bool = false) {
        state.withLockedValue { state in
            if refreshTokens { state.tokens.revokeAll() } else { state.tokens.revokeAccessTokens() }
        }
    }

    private func change(_ id: String, _ change: (inout StoredBucket) -> Void) -> Bool {
        state.withLockedValue { state in
            guard var bucket = state.organization[id] else { return false }
            change(&bucket)
            state.organization[id] = bucket
            return true
        }
    }
}

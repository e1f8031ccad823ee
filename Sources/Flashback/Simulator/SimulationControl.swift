internal import NIOConcurrencyHelpers

/// A bucket of the simulation as it is.
package struct SimulatedBucket: Sendable, Hashable {
    package let id: String
    package let name: String
    package let workspaceID: String
    /// No node reaches it, ever.
    package let isIll: Bool
}

/// What a test orders without asking the API. A bucket that is not there is a mistake of the test: nothing happens, and the
/// function says so by returning false.
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

    /// Every credential of every bucket, deleted ones too, that must not be found anywhere outside an answer of the API.
    package var secrets: [String] {
        state.withLockedValue { state in state.organization.buckets.flatMap(\.credentials.values) }
    }

    // MARK: Buckets

    /// Creates a bucket and gives its identifier. Unlike POST /bucket it takes any text, quota or not, and a name twice.
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

    /// Gives a bucket any name, an empty one or another bucket's too.
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

    /// Gives a bucket any status word; nil leaves it to its nodes again.
    @discardableResult
    package func setStatus(_ word: String?, ofBucket id: String) -> Bool {
        change(id) { $0.statusOverride = word }
    }

    /// Fixes a bucket's totals; nil lets them grow by the clock again.
    @discardableResult
    package func setTotals(_ totals: SimulatedTotals?, ofBucket id: String) -> Bool {
        change(id) { $0.totals = totals }
    }

    /// The totals that GET /bucket/stats would tell now; nil for a bucket that is not there.
    package func totals(ofBucket id: String) -> SimulatedTotals? {
        let now = timestamp
        return state.withLockedValue { state in
            state.organization[id].map { state.organization.totals(of: $0, at: now) }
        }
    }

    /// How many times more than once a bucket's row comes in GET /bucket and GET /bucket/stats.
    @discardableResult
    package func setExtraRows(_ count: Int, ofBucket id: String) -> Bool {
        change(id) { $0.extraRows = max(0, count) }
    }

    /// Answers 403 for a bucket on its own endpoints, though the lists show it; GET /bucket/stats leaves it out.
    @discardableResult
    package func setForbidden(_ isForbidden: Bool, bucket id: String) -> Bool {
        change(id) { $0.isForbidden = isForbidden }
    }

    /// Makes POST /bucket/{bucketId}/validate answer 400 with a message; nil leaves the result to the nodes again.
    @discardableResult
    package func setValidationFailure(_ message: String?, ofBucket id: String) -> Bool {
        change(id) { $0.validationFailure = message }
    }

    /// The buckets of GET /bucket/available, by their identifiers; nil leaves them to the seed again.
    package func setAvailable(_ ids: Set<String>?) {
        state.withLockedValue { $0.organization.available = ids }
    }

    // MARK: Nodes

    /// Gives a node any status word from now on, for one bucket or for all; nil leaves it to the schedule again.
    @discardableResult
    package func setStatus(_ word: String?, ofNode ip: String, bucket id: String? = nil) -> Bool {
        let override = word.map { NodeStatusOverride(word: $0, since: timestamp) }
        if let id { return change(id) { $0.nodeStatusOverrides[ip] = override } }
        state.withLockedValue { $0.organization.nodeStatusOverrides[ip] = override }
        return true
    }

    /// Gives a bucket nodes of its own; nil gives it those of all buckets again.
    @discardableResult
    package func setNodes(_ nodes: [SimulatedNode]?, ofBucket id: String) -> Bool {
        change(id) { $0.nodes = nodes }
    }

    /// How many times more than once a node's row comes in the status and the daily statistics of a bucket.
    @discardableResult
    package func setExtraRows(_ count: Int, ofNode ip: String, bucket id: String) -> Bool {
        change(id) { $0.extraNodeRows[ip] = max(0, count) }
    }

    // MARK: The whole API

    /// Takes the API down, or up again with nil. Requests that hang already go on hanging.
    package func setOutage(_ outage: SimulatedOutage?) {
        state.withLockedValue { $0.outage = outage }
    }

    /// Gives a pair of tokens, as POST /user/login does.
    package func issueTokens() -> (accessToken: String, refreshToken: String) {
        let now = timestamp
        let issued = state.withLockedValue { $0.tokens.issue(at: now, $0.configuration) }
        return (issued.accessToken, issued.refreshToken ?? "")
    }

    /// Refuses every access token given out so far, and with `refreshTokens` every refresh token. The configured ones stay.
    package func revokeTokens(refreshTokens: Bool = false) {
        state.withLockedValue { state in
            if refreshTokens { state.tokens.revokeAll() } else { state.tokens.revokeAccessTokens() }
        }
    }

    private func change(_ id: String, _ change: (inout Bucket) -> Void) -> Bool {
        state.withLockedValue { state in
            guard var bucket = state.organization[id] else { return false }
            change(&bucket)
            state.organization[id] = bucket
            return true
        }
    }
}

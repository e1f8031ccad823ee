/// The only organization in the simulated API, with its workspaces, nodes and buckets.
struct Organization: Sendable {
    let random: SeededRandom
    let nodes: [SimulatedNode]
    let workspaces: [String]
    private(set) var buckets: [StoredBucket]
    private var positions: [String: Int]
    /// The repositories; each bucket is in at most one.
    var repositories: [StoredRepository] {
        didSet { memberships = StoredRepository.memberships(in: repositories) }
    }
    /// The indexes of the repositories that a bucket is in, by its identifier.
    private(set) var memberships: [String: [Int]]
    /// Statuses that a test has set for nodes and all buckets, by the node's IP address.
    var nodeStatusOverrides: [String: NodeStatusOverride] = [:]
    /// The identifiers that a test has set for GET /bucket/available.
    var available: Set<String>?
    /// The subscription, its quotas and the credits.
    var billing: Billing
    let canary: String

    init(_ configuration: SimulatorConfiguration) {
        let random = SeededRandom(seed: configuration.seed)
        self.random = random
        canary = configuration.canary
        billing = Billing(buckets: configuration.buckets, bucketQuota: configuration.bucketQuota)
        nodes = (0..<max(0, configuration.nodes)).map { SimulatedNode(number: $0, random: random) }
        workspaces = (0..<max(1, configuration.workspaces)).map { "workspace-\($0 + 1)" }
        let initial = InitialBuckets(random: random, configuration: configuration, workspaces: workspaces)
        buckets = (0..<max(0, configuration.buckets)).map { initial.bucket($0) }
        positions = Dictionary(uniqueKeysWithValues: buckets.map { ($0.id, $0.number) })
        repositories = StoredRepository.initial(of: buckets, canary: configuration.canary, random: random)
        memberships = StoredRepository.memberships(in: repositories)
    }

    /// The bucket with an identifier; nil when it does not exist or is deleted. Setting replaces an existing bucket.
    subscript(id: String) -> StoredBucket? {
        get { position(id).map { buckets[$0] } }
        set {
            if let position = position(id), let newValue { buckets[position] = newValue }
        }
    }

    private func position(_ id: String) -> Int? {
        guard let position = positions[id], !buckets[position].isDeleted else { return nil }
        return position
    }

    /// The buckets that are not deleted.
    var liveBuckets: some Sequence<StoredBucket> { buckets.lazy.filter { !$0.isDeleted } }

    var liveCount: Int { liveBuckets.reduce(0) { count, _ in count + 1 } }

    /// Whether a bucket other than the given one has this name, ignoring deleted buckets.
    func hasBucket(named name: String, otherThan id: String? = nil) -> Bool {
        liveBuckets.contains { $0.name == name && $0.id != id }
    }

    /// Creates a bucket and returns its identifier.
    mutating func create(_ fields: BucketFields, at time: Timestamp) -> String {
        let number = buckets.count
        let id = InitialBuckets.id(number, random)
        buckets.append(
            StoredBucket(
                number: number, id: id, name: fields.name ?? "", bucket: fields.bucket ?? "",
                storageType: fields.storageType.flatMap(StorageType.init(word:)) ?? .s3, region: fields.region ?? "",
                endpoint: fields.endpoint, workspaceID: fields.workspaceId ?? workspaces[0],
                credentials: Credentials(bucket: number, key: fields.key, canary: canary, random: random),
                createdAt: time))
        positions[id] = number
        return id
    }

    mutating func delete(_ id: String) -> Bool {
        guard let position = position(id) else { return false }
        buckets[position].isDeleted = true
        return true
    }

    func isAvailable(_ bucket: StoredBucket) -> Bool {
        available.map { $0.contains(bucket.id) } ?? !repositories(with: bucket).contains { $0.mode == .mirror }
    }

    /// A bucket's totals; an ill bucket never has traffic.
    func totals(of bucket: StoredBucket, at time: Timestamp) -> SimulatedTotals {
        if let totals = bucket.totals { return totals }
        if bucket.isIll { return SimulatedTotals() }
        return Traffic(random: random).totals(of: bucket.number, since: bucket.createdAt, at: time)
    }

    /// The nodes that report on a bucket.
    func nodes(of bucket: StoredBucket) -> [SimulatedNode] { bucket.nodes ?? nodes }

    /// The nodes' reports on a bucket.
    func reporting(on bucket: StoredBucket) -> NodeReports {
        NodeReports(random: random, bucket: bucket, overrides: nodeStatusOverrides)
    }
}

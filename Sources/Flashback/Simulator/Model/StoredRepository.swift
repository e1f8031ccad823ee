/// A repository in the simulation, with a test's overrides.
struct StoredRepository: Sendable {
    /// The documented modes.
    enum Mode: String, Sendable {
        /// Each bucket is a folder of the repository.
        case normal = "NORMAL"
        /// One master, and other buckets that copy it.
        case mirror = "MIRROR"
    }

    /// A bucket of the repository.
    struct Member: Sendable {
        let bucketID: String
        let folder: String
        let isMaster: Bool
    }

    let id: String
    var name: String
    let mode: Mode
    let storageType: StorageType
    let workspaceID: String
    var members: [Member]
    let createdAt: Timestamp
    /// The credentials of the repository's API key; AI keys contain the same.
    let credentials: Credentials

    // Overrides set by a test.
    var isDisabled = false
    var totals: SimulatedTotals?
    var extraRows = 0

    /// - Parameter number: the repository's index in order of creation.
    init(
        number: Int, name: String, mode: Mode, of buckets: [StoredBucket], canary: String, random: SeededRandom,
        createdAt: Timestamp
    ) {
        // Offset, so that it differs from all buckets' numbers, which determine identifiers and credentials in the same way.
        let identity = number + 1_000_000_000
        id = InitialBuckets.id(identity, random)
        self.name = name
        self.mode = mode
        storageType = buckets.first?.storageType ?? .s3
        workspaceID = buckets.first?.workspaceID ?? ""
        members = buckets.enumerated().map { index, bucket in
            Member(bucketID: bucket.id, folder: bucket.bucket, isMaster: mode == .mirror && index == 0)
        }
        credentials = Credentials(bucket: identity, canary: canary, random: random)
        self.createdAt = createdAt
    }

    /// The initial repositories: in each workspace, about a third of the buckets are in mirrors, the rest in normal ones of up to three.
    static func initial(of buckets: [StoredBucket], canary: String, random: SeededRandom) -> [StoredRepository] {
        var repositories: [StoredRepository] = []
        let byWorkspace = Dictionary(grouping: buckets, by: \.workspaceID)
        for workspace in byWorkspace.keys.sorted() {
            let members = byWorkspace[workspace] ?? []
            let isMirrored = { (bucket: StoredBucket) in random.fraction(.mirror, UInt64(bucket.number)) < 0.3 }
            for (mode, members) in [(Mode.normal, members.filter { !isMirrored($0) }), (.mirror, members.filter(isMirrored))] {
                for start in stride(from: 0, to: members.count, by: 3) {
                    let group = Array(members[start..<min(start + 3, members.count)])
                    let number = repositories.count
                    repositories.append(
                        StoredRepository(
                            number: number, name: "\(mode == .mirror ? "mirror" : "files")-\(number + 1)", mode: mode, of: group,
                            canary: canary, random: random,
                            createdAt: group.map(\.createdAt).max() ?? Timestamp(milliseconds: 0)))
                }
            }
        }
        return repositories
    }

    static func memberships(in repositories: [StoredRepository]) -> [String: [Int]] {
        var memberships: [String: [Int]] = [:]
        for (index, repository) in repositories.enumerated() {
            for member in repository.members { memberships[member.bucketID, default: []].append(index) }
        }
        return memberships
    }
}

extension Organization {
    /// The repositories that a bucket is in.
    func repositories(with bucket: StoredBucket) -> [StoredRepository] {
        (memberships[bucket.id] ?? []).map { repositories[$0] }
    }

    /// The members of a repository whose buckets are not deleted.
    func members(of repository: StoredRepository) -> [(member: StoredRepository.Member, bucket: StoredBucket)] {
        repository.members.compactMap { member in self[member.bucketID].map { (member, $0) } }
    }

    /// A repository's totals: the sum of its buckets' totals.
    func totals(of repository: StoredRepository, at time: Timestamp) -> SimulatedTotals {
        if let totals = repository.totals { return totals }
        return members(of: repository).reduce(into: SimulatedTotals()) { sum, member in
            sum += totals(of: member.bucket, at: time)
        }
    }
}

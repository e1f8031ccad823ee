internal import NIOConcurrencyHelpers

/// A snapshot of a repository in the simulation.
package struct SimulatedRepository: Sendable, Hashable {
    package let id: String
    package let name: String
    /// `NORMAL` or `MIRROR`.
    package let mode: String
    package let workspaceID: String
    /// The identifiers of its buckets. The first bucket of a mirror is its master.
    package let bucketIDs: [String]
    package let isDisabled: Bool
}

/// Test controls of repositories. For a repository that does not exist they do nothing and return false.
extension FlashbackSimulation {
    /// The repositories in the order of GET /repo.
    package var repositories: [SimulatedRepository] {
        state.withLockedValue { state in
            state.organization.repositories.map { repository in
                SimulatedRepository(
                    id: repository.id, name: repository.name, mode: repository.mode.rawValue,
                    workspaceID: repository.workspaceID,
                    bucketIDs: state.organization.members(of: repository).map(\.bucket.id), isDisabled: repository.isDisabled)
            }
        }
    }

    /// Moves buckets into a new repository and returns its identifier. The first bucket of a mirror is its master. The repository is in the
    /// first bucket's workspace.
    package func createRepository(name: String, isMirror: Bool, buckets ids: [String]) -> String {
        let now = timestamp
        return state.withLockedValue { state in
            var repositories = state.organization.repositories
            for index in repositories.indices { repositories[index].members.removeAll { ids.contains($0.bucketID) } }
            let repository = StoredRepository(
                number: repositories.count, name: name, mode: isMirror ? .mirror : .normal,
                of: ids.compactMap { state.organization[$0] }, canary: state.organization.canary,
                random: state.organization.random, createdAt: now)
            state.organization.repositories = repositories + [repository]
            return repository.id
        }
    }

    /// Switches a repository off, as a quota may do.
    @discardableResult
    package func setDisabled(_ isDisabled: Bool, repository id: String) -> Bool {
        change(repository: id) { $0.isDisabled = isDisabled }
    }

    /// Renames a repository.
    @discardableResult
    package func renameRepository(_ id: String, to name: String) -> Bool {
        change(repository: id) { $0.name = name }
    }

    /// Sets a repository's totals to fixed values; nil derives them from its buckets again.
    @discardableResult
    package func setTotals(_ totals: SimulatedTotals?, ofRepository id: String) -> Bool {
        change(repository: id) { $0.totals = totals }
    }

    /// A repository's current totals in GET /repo/stats, which omits the count; nil for an unknown repository.
    package func totals(ofRepository id: String) -> SimulatedTotals? {
        let now = timestamp
        return state.withLockedValue { state in
            state.organization.repositories.first { $0.id == id }.map { state.organization.totals(of: $0, at: now) }
        }
    }

    /// Sets how many duplicate rows a repository has in GET /repo and GET /repo/stats, and each of its buckets in GET /repo.
    @discardableResult
    package func setExtraRows(_ count: Int, ofRepository id: String) -> Bool {
        change(repository: id) { $0.extraRows = max(0, count) }
    }

    private func change(repository id: String, _ change: (inout StoredRepository) -> Void) -> Bool {
        state.withLockedValue { state in
            guard let index = state.organization.repositories.firstIndex(where: { $0.id == id }) else { return false }
            change(&state.organization.repositories[index])
            return true
        }
    }
}

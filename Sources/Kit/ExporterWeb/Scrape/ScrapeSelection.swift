package import Basics
package import Exposition
internal import HTTPServer

/// The valid values of the parameters `account[]`, `collect[]`, `exclude[]`, `name[]` and `workspace_id[]`.
package struct ScrapeSelection: Sendable {
    /// The enabled collectors.
    package let collectors: [String]
    /// All possible families, without duplicates.
    package let families: [MetricFamily]
    /// The names of the accounts; accounts without a name are omitted.
    package let accounts: [Identifier]
    /// The configured workspaces, which are valid even while they have no buckets.
    package let workspaceIDs: [Identifier]

    package init(
        collectors: [String], families: [MetricFamily], accounts: [Identifier] = [], workspaceIDs: [Identifier] = []
    ) {
        self.collectors = collectors
        var names: Set<String> = []
        self.families = families.filter { names.insert($0.name).inserted }
        self.accounts = accounts
        self.workspaceIDs = workspaceIDs
    }

    /// The filter for a scrape's parameters. Other parameters are ignored.
    func filter(_ parameters: QueryParameters) throws(InvalidSelection) -> SampleFilter {
        let (wanted, unwanted) = (parameters["collect[]"], parameters["exclude[]"])
        guard wanted.isEmpty || unwanted.isEmpty else {
            throw InvalidSelection("collect[] and exclude[] cannot be combined; use one of them")
        }
        for (name, values) in [("collect[]", wanted), ("exclude[]", unwanted)] {
            for value in values where !collectors.contains(value) {
                throw InvalidSelection("\(name): no enabled collector is named", value, known: collectors)
            }
        }
        var filter = SampleFilter()
        let wantedAccounts = parameters["account[]"]
        if !wantedAccounts.isEmpty { filter.accounts = try accountNames(wantedAccounts.map { Identifier($0) }) }
        if !wanted.isEmpty { filter.collectors = Set(wanted) }
        if !unwanted.isEmpty { filter.collectors = Set(collectors).subtracting(unwanted) }
        let names = parameters["name[]"]
        if !names.isEmpty { filter.families = try familyNames(names) }
        let workspaces = parameters["workspace_id[]"]
        if !workspaces.isEmpty { filter.partitions = Set(workspaces.map { Identifier($0) }) }
        return filter
    }

    private func accountNames(_ wanted: [Identifier]) throws(InvalidSelection) -> Set<Identifier> {
        guard !accounts.isEmpty else {
            throw InvalidSelection("account[]: the exporter has a single account without a name; remove the parameter")
        }
        for name in wanted where !accounts.contains(name) {
            throw InvalidSelection("account[]: no account is named", name.text, known: accounts.map(\.text.debugDescription))
        }
        return Set(wanted)
    }

    /// Finds families by their sample names or by their OpenMetrics names.
    private func familyNames(_ wanted: [String]) throws(InvalidSelection) -> Set<String> {
        var names: Set<String> = []
        for name in wanted {
            guard let family = families.first(where: { $0.name == name || $0.openMetricsName == name }) else {
                throw InvalidSelection("name[]: no family is named", name, known: families.map(\.name))
            }
            names.insert(family.name)
        }
        return names
    }

    /// Rejects an unknown workspace. All workspaces are known only while the bucket lists of all accounts are served: an outage must not
    /// make a scrape fail.
    func check(_ filter: SampleFilter, in snapshot: MetricSnapshot) throws(InvalidSelection) {
        guard let wanted = filter.partitions else { return }
        let listed = snapshot.listedPartitions
        let areAllListed = (filter.accounts ?? Set(accounts)).allSatisfy { listed[$0] != nil }
        if listed.isEmpty || !areAllListed { return }
        // A workspace without buckets may have other samples.
        let known = (Array(listed.values) + snapshot.partitionsByAccount.values)
            .reduce(into: Set(workspaceIDs)) { $0.formUnion($1) }
        // Nothing is known about an account without buckets.
        if known.isEmpty { return }
        if let workspace = wanted.subtracting(known).min() {
            throw InvalidSelection(
                "workspace_id[]: no bucket is in workspace", workspace.text, known: known.sorted().map(\.text.debugDescription))
        }
    }
}

/// A scrape with an invalid parameter value.
package struct InvalidSelection: Error, CustomStringConvertible {
    /// One line with the invalid value and the valid ones.
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    init(_ problem: String, _ value: String, known: [String]) {
        self.init("\(problem) \(value.debugDescription); available: \(known.joined(separator: ", "))")
    }
}

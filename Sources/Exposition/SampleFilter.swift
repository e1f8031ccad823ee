package import Basics

/// Which samples of a snapshot a response shows. Samples that belong to no account, collector or partition pass the filter of it.
package struct SampleFilter: Sendable, Hashable {
    /// The names of the families; nil for all.
    package var families: Set<String>?
    /// The accounts; nil for all.
    package var accounts: Set<Identifier>?
    /// The collectors; nil for all.
    package var collectors: Set<String>?
    /// The partitions; nil for all.
    package var partitions: Set<Identifier>?

    package init(
        families: Set<String>? = nil, accounts: Set<Identifier>? = nil, collectors: Set<String>? = nil,
        partitions: Set<Identifier>? = nil
    ) {
        self.families = families
        self.accounts = accounts
        self.collectors = collectors
        self.partitions = partitions
    }

    /// Everything.
    package static let all = SampleFilter()

    func admits(_ family: MetricFamily) -> Bool { families?.contains(family.name) ?? true }

    var admitsAllScopes: Bool { accounts == nil && collectors == nil && partitions == nil }

    func admits(_ scope: SampleScope) -> Bool {
        if let accounts, let account = scope.account, !accounts.contains(account) { return false }
        if let collectors, let collector = scope.collector, !collectors.contains(collector) { return false }
        if let partitions, let partition = scope.partition, !partitions.contains(partition) { return false }
        return true
    }
}

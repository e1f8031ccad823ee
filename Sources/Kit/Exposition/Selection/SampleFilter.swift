package import Basics

/// The source and subject of samples, for filtering.
package struct SampleScope: Sendable, Hashable {
    /// The account's name; nil for samples about the program, or about an account without a name.
    package var account: Identifier?
    /// The collector; nil for samples that do not belong to one.
    package var collector: String?
    /// The part of the account, such as a workspace; nil for samples about the whole account.
    package var partition: Identifier?

    package init(account: Identifier? = nil, collector: String? = nil, partition: Identifier? = nil) {
        self.account = account
        self.collector = collector
        self.partition = partition
    }
}

/// Which samples of a snapshot to include in a response. Samples without an account, collector or partition pass the
/// corresponding filter.
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

    /// All samples.
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

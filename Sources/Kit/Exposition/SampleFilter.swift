package import Basics

/// What samples belong to, so that a filter finds them.
package struct SampleScope: Sendable, Hashable {
    /// The account that they are from, by its name; nil for what is about the program, or about an account without a name.
    package var account: Identifier?
    /// The collector that they come from; nil for what is about no single one.
    package var collector: String?
    /// The part of the account that they are about, such as a workspace; nil for what is about the account as a whole.
    package var partition: Identifier?

    package init(account: Identifier? = nil, collector: String? = nil, partition: Identifier? = nil) {
        self.account = account
        self.collector = collector
        self.partition = partition
    }
}

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

package import Basics
package import Exposition

extension MetricSnapshot {
    /// The partitions of all accounts that it has samples about.
    package var partitions: Set<Identifier> { partitionsByAccount.values.reduce(into: []) { $0.formUnion($1) } }
}

/// A summary of the account itself, without its buckets. Unknown data, and data that is too old for the metrics, is omitted.
package struct AccountSummary: Sendable, Hashable {
    /// The use of a quota.
    package struct Quota: Sendable, Hashable {
        /// The capability's code.
        package let capability: String
        /// The used share of its limit; more than 1 when it is exceeded.
        package let usedRatio: Double
        /// Whether it is a limit in bytes. Once it is exhausted, data cannot be written or read.
        package let isInBytes: Bool

        package init(capability: String, usedRatio: Double, isInBytes: Bool) {
            self.capability = capability
            self.usedRatio = usedRatio
            self.isInBytes = isInBytes
        }
    }

    /// Nil when unknown.
    package var hasSubscription: Bool?
    package var quotas: [Quota] = []
    /// The credits that are left; nil when unknown, or without credits.
    package var credits: Double?
    /// The names, or identifiers, of the repositories that are switched off.
    package var disabledRepositories: [String] = []

    package init() {}
}

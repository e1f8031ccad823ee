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

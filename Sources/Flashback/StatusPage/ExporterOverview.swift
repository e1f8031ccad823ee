package import FlashbackCollectors
internal import FoundationEssentials

/// The page's content, created on request: the overview of each account.
package struct ExporterOverview: Sendable {
    /// An account as shown on the page.
    package struct Account: Sendable {
        /// Nil when there is only one account and it has no name.
        package var name: String?
        /// The API's URL without credentials.
        package var address: String
        package var overview: AccountOverview

        package init(name: String?, address: String, overview: AccountOverview) {
            self.name = name
            self.address = address
            self.overview = overview
        }

        var buckets: [BucketSummary]? { overview.buckets }
    }

    /// At least one.
    package var accounts: [Account]

    package init(accounts: [Account]) {
        self.accounts = accounts
    }

    /// When it was created.
    var date: Date { accounts.map(\.overview.date).max() ?? .distantPast }

    /// Whether findings and buckets must name their account.
    var hasSeveralAccounts: Bool { accounts.count > 1 }
}

extension AccountOverview {
    /// The API's availability, as shown by the bucket list.
    enum Availability: Sendable, Hashable {
        case notAskedYet, reachable, unreachable
    }

    var availability: Availability { !list.hasRun ? .notAskedYet : list.succeeded ? .reachable : .unreachable }

    /// Why the API is unreachable, in one line; nil while it is not.
    var problem: String? { list.succeeded ? nil : list.latestFailure?.message }
}

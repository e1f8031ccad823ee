package import FoundationEssentials

/// The page's content as plain values, created on request.
package struct ExporterOverview: Sendable {
    /// The API's availability.
    package struct API: Sendable {
        package enum State: Sendable, Hashable {
            case notAskedYet, reachable, unreachable
        }

        package var state: State
        /// When it entered this state, as observed by this process.
        package var since: Date?
        /// Its URL without credentials.
        package var address: String
        /// Why it is unreachable, in one line without secrets.
        package var problem: String?
        /// The end of a pause that it asked for; nil without one.
        package var pausedUntil: Date?

        package init(
            state: State = .notAskedYet, since: Date? = nil, address: String = "", problem: String? = nil,
            pausedUntil: Date? = nil
        ) {
            self.state = state
            self.since = since
            self.address = address
            self.problem = problem
            self.pausedUntil = pausedUntil
        }
    }

    /// The current access token, of which only the expiry is shown.
    package struct Token: Sendable {
        /// Nil when there is no token, or it does not say.
        package var expiresAt: Date?
        /// Whether this program renews it.
        package var isRenewed: Bool
        /// How many renewals have failed.
        package var failedRenewals: Int

        package init(expiresAt: Date? = nil, isRenewed: Bool = false, failedRenewals: Int = 0) {
            self.expiresAt = expiresAt
            self.isRenewed = isRenewed
            self.failedRenewals = failedRenewals
        }
    }

    /// The page's data about one account.
    package struct Account: Sendable {
        /// Nil when there is only one account and it has no name.
        package var name: String?
        package var api: API
        package var token: Token
        package var collectors: [CollectorOverview]
        /// Nil when no bucket list is recent enough for the metrics.
        package var buckets: [BucketOverview]?

        package init(
            name: String? = nil, api: API = API(), token: Token = Token(), collectors: [CollectorOverview] = [],
            buckets: [BucketOverview]? = nil
        ) {
            self.name = name
            self.api = api
            self.token = token
            self.collectors = collectors
            self.buckets = buckets
        }
    }

    /// When it was created.
    package var date: Date
    /// At least one.
    package var accounts: [Account]

    package init(date: Date, accounts: [Account]) {
        self.date = date
        self.accounts = accounts
    }

    /// Whether findings and buckets must name their account.
    var hasSeveralAccounts: Bool { accounts.count > 1 }
}

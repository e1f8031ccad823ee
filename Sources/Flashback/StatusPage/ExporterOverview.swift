package import FoundationEssentials

/// What the page tells: plain values, made when the page is asked for.
package struct ExporterOverview: Sendable {
    /// Whether the API answers.
    package struct API: Sendable {
        package enum State: Sendable, Hashable {
            case notAskedYet, reachable, unreachable
        }

        package var state: State
        /// Since when it has been in that state, as far as this process knows.
        package var since: Date?
        /// Where it is, without credentials.
        package var address: String
        /// Why it is not reachable, in one line without secrets.
        package var problem: String?
        /// Until when it wants to be left alone; nil when it does not.
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

    /// The access token in use, of which only its end is told.
    package struct Token: Sendable {
        /// Nil when there is none, or it does not say.
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

    /// What the page tells of one account.
    package struct Account: Sendable {
        /// Nil for an account that needs no name, being the only one.
        package var name: String?
        package var api: API
        package var token: Token
        package var collectors: [CollectorOverview]
        /// Nil when no bucket list is known that is young enough for the metrics to tell.
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

    /// When it was made.
    package var date: Date
    /// One at least.
    package var accounts: [Account]

    /// That of a program which has asked nothing yet.
    package static var nothingYet: ExporterOverview { ExporterOverview(date: Date(), accounts: [Account()]) }

    package init(date: Date, accounts: [Account]) {
        self.date = date
        self.accounts = accounts
    }

    /// Whether what is told must say of which account it is.
    var hasSeveralAccounts: Bool { accounts.count > 1 }
}

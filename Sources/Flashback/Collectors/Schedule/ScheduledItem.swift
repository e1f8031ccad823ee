internal import FoundationEssentials

extension Schedule {
    /// A request to make.
    enum Item: Hashable, Sendable {
        /// The bucket list or another account-wide request, by its index among the account-wide requests.
        case account(Int)
        /// A request for one bucket. The generation distinguishes successive buckets in the same slot.
        case bucket(lane: Int, slot: Int, generation: UInt32)
    }

    /// A kind of request: an account-wide one, or a collector's requests for all buckets.
    struct Kind: Hashable, Sendable {
        let isAccount: Bool
        let index: Int

        static let list = Kind(isAccount: true, index: 0)

        /// The request of a collector that covers all buckets, by its index among such collectors.
        static func account(_ index: Int) -> Kind { Kind(isAccount: true, index: index + 1) }

        /// A collector's requests for all buckets.
        static func lane(_ index: Int) -> Kind { Kind(isAccount: false, index: index) }

        init(isAccount: Bool, index: Int) {
            self.isAccount = isAccount
            self.index = index
        }

        init(of item: Item) {
            switch item {
            case .account(let index): self.init(isAccount: true, index: index)
            case .bucket(let lane, _, _): self.init(isAccount: false, index: lane)
            }
        }
    }

    /// An item whose answer is outstanding.
    struct UnderWay {
        let askedAt: Duration
        /// Whether its previous request timed out, so that scrapes do not wait for it.
        let isSuspect: Bool
        /// The start of the interval to its next due time.
        let base: Duration
        /// The age of its observation, measured in ``WorkClock`` time.
        let age: Duration
        /// The ``WorkClock`` when it was requested.
        let worked: Duration
        let entry: ScheduleLane.Entry
        let wasUnread: Bool
        /// Whether it shares another item's request.
        var isCompanion = false

        /// Whether its request counts towards the limit on requests that may time out again.
        var countsAsSuspect: Bool { isSuspect && !isCompanion }
    }

    /// How a request ended.
    enum Ending: Sendable {
        /// - Parameter validity: the calendar times at which the data is valid; nil if it only ages.
        case succeeded(validity: Range<Date>?)
        case failed(timedOut: Bool)
        /// There was no valid access token. The endpoint has not failed, so the next attempt is not delayed further.
        case lackedToken
        /// No request was made; the item keeps its position.
        case notAsked
    }
}

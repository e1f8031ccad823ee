internal import FoundationEssentials

extension Schedule {
    /// A request to make.
    enum Item: Hashable, Sendable {
        /// The bucket list, or another request about the account as a whole; by its place in the list of these.
        case account(Int)
        /// A request about one bucket. The generation tells buckets apart that had the same slot one after the other.
        case bucket(lane: Int, slot: Int, generation: UInt32)
    }

    /// A kind of request: one about the account, or those of one collector about all buckets.
    struct Kind: Hashable, Sendable {
        let isAccount: Bool
        let index: Int

        static let list = Kind(isAccount: true, index: 0)

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

    /// An item whose answer has not come yet.
    struct UnderWay {
        let askedAt: Duration
        /// Whether its last request timed out, so that no scrape waits for this one.
        let isSuspect: Bool
        /// From when its next due time counts.
        let base: Duration
        /// How old what is known of it is, in time in which there was work.
        let age: Duration
        /// The ``WorkClock`` when it was requested.
        let worked: Duration
        let entry: ScheduleLane.Entry
        let wasUnread: Bool
    }

    /// How a request ended.
    enum Ending: Sendable {
        /// - Parameter validUntil: when what was read stops being true; nil if it only ages.
        case succeeded(validUntil: Date?)
        case failed(timedOut: Bool)
        /// No request was made: the item keeps its place.
        case notAsked
    }
}

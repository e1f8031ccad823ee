package import FoundationEssentials

/// What the page tells of one bucket.
package struct BucketOverview: Sendable {
    /// Whether it can be reached, as somebody says.
    package enum Status: Sendable, Hashable {
        case online, offline, disconnected
        /// A word that nobody knows.
        case unknown(word: String)
    }

    /// A bridge node that is not online.
    package struct Node: Sendable, Hashable {
        package var name: String
        package var region: String?
        /// Nil when it does not say.
        package var status: Status?

        package init(name: String, region: String? = nil, status: Status?) {
            self.name = name
            self.region = region
            self.status = status
        }
    }

    /// How many bridge nodes report on the bucket, and which of them do not reach it.
    package struct Nodes: Sendable, Hashable {
        package var online: Int
        package var total: Int
        package var away: [Node]

        package init(online: Int, total: Int, away: [Node] = []) {
            self.online = online
            self.total = total
            self.away = away
        }
    }

    /// Something about the bucket that could not be read at the latest attempt.
    package struct Failure: Sendable, Hashable {
        package var collector: String
        /// One line without secrets.
        package var message: String

        package init(collector: String, message: String) {
            self.collector = collector
            self.message = message
        }
    }

    package var id: String
    package var name: String
    /// What tells it from others at a glance, such as its storage type and its region.
    package var description: String
    /// What the bucket list says; nil when it does not.
    package var listedStatus: Status?
    /// Nil when not known, or known so long ago that the metrics do not tell it any more.
    package var nodes: Nodes?
    /// When the nodes were last read, however long ago.
    package var nodesReadAt: Date?
    /// The best node's latency in seconds.
    package var latency: Double?
    /// The best node's share of today, from 0 to 1.
    package var uptimeToday: Double?
    package var failures: [Failure]

    package init(
        id: String, name: String, description: String = "", listedStatus: Status? = nil, nodes: Nodes? = nil,
        nodesReadAt: Date? = nil, latency: Double? = nil, uptimeToday: Double? = nil, failures: [Failure] = []
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.listedStatus = listedStatus
        self.nodes = nodes
        self.nodesReadAt = nodesReadAt
        self.latency = latency
        self.uptimeToday = uptimeToday
        self.failures = failures
    }
}

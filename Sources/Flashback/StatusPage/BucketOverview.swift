package import FoundationEssentials

/// The page's data about one bucket.
package struct BucketOverview: Sendable {
    /// A reported reachability status.
    package enum Status: Sendable, Hashable {
        case online, offline, disconnected
        /// An unknown word.
        case unknown(word: String)
    }

    /// A bridge node that is not online.
    package struct Node: Sendable, Hashable {
        package var name: String
        package var region: String?
        /// Nil when the node reports none.
        package var status: Status?

        package init(name: String, region: String? = nil, status: Status?) {
            self.name = name
            self.region = region
            self.status = status
        }
    }

    /// How many bridge nodes report on the bucket, and which of them are not online.
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

    /// A failed latest request for the bucket.
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
    /// A short description, such as its storage type and region.
    package var description: String
    /// The bucket list's status; nil when there is none.
    package var listedStatus: Status?
    /// Nil when unknown, or too old for the metrics.
    package var nodes: Nodes?
    /// When the nodes' reports were last read, however long ago.
    package var nodesReadAt: Date?
    /// The best node's latency in seconds.
    package var latency: Double?
    /// The best node's uptime ratio today, from 0 to 1.
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

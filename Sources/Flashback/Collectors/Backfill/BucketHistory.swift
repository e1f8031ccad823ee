internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials

/// The daily statistics of one bucket over a period, in a form that can be kept in a file between reading and writing.
package struct BucketHistory: Sendable, Hashable, Codable {
    /// The name of the bucket's account; nil for the only one without a name.
    package var account: String?
    /// The bucket's identifier.
    package let bucket: String
    /// The number of days that could not be read; a continued backfill reads them again.
    package var failures = 0
    /// The values of each node.
    private(set) var nodes: [Node] = []
    /// The traffic of each day, in ascending order; nil if it was not read.
    package var traffic: [DayTraffic]?

    /// What a node reported on the bucket.
    struct Node: Sendable, Hashable, Codable {
        /// See ``NodeDailyStatistics/node``.
        let node: String
        /// See ``NodeDailyStatistics/host``.
        let host: String?
        /// In ascending order.
        var days: [Day] = []
    }

    /// The values of one day, in the units of the families; nil for those that the API did not return.
    struct Day: Sendable, Hashable, Codable {
        /// In the format `2024-01-15`.
        let date: String
        var uptime: Double?
        var averageLatency: Double?
        var lastLatency: Double?
        var lastUpdate: Double?

        init(_ day: UTCDay, _ statistics: NodeDailyStatistics) {
            date = day.date
            DailyFamilies.forEachValue(of: statistics) { family, value in
                guard case .real(let number) = value else { return }
                switch family {
                case .uptime: uptime = number
                case .averageLatency: averageLatency = number
                case .lastLatency: lastLatency = number
                case .lastUpdate: lastUpdate = number
                case .day: break
                }
            }
        }

        func value(of family: DailyFamilies) -> SampleValue? {
            let number: Double? =
                switch family {
                case .uptime: uptime
                case .averageLatency: averageLatency
                case .lastLatency: lastLatency
                case .lastUpdate: lastUpdate
                case .day: nil
                }
            return number.map { .real($0) }
        }
    }

    /// - Parameter days: in ascending order.
    init(account: Identifier?, bucket: Identifier, days: [(day: UTCDay, nodes: [NodeDailyStatistics])], failures: Int) {
        self.account = account?.text
        self.bucket = bucket.text
        self.failures = failures
        var indexes: [[Identifier]: Int] = [:]
        for (day, statistics) in days {
            for node in statistics {
                let index = indexes[[node.node, node.host ?? ""]] ?? nodes.count
                if index == nodes.count {
                    indexes[[node.node, node.host ?? ""]] = index
                    nodes.append(Node(node: node.node.text, host: node.host?.text))
                }
                nodes[index].days.append(Day(day, node))
            }
        }
    }

    /// A line of JSON with its line feed.
    package var line: [UInt8] {
        // Encoding can only fail for numbers that are not finite, which rows do not contain.
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(self) else { preconditionFailure("a history has finite numbers only") }
        return Array(data) + [UInt8(ascii: "\n")]
    }

    /// Reads a line; nil when it is not one of ``line``.
    package init?(line: [UInt8]) {
        guard let history = try? JSONDecoder().decode(BucketHistory.self, from: Data(line)) else { return nil }
        self = history
    }
}

internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials

/// A bucket's statistics of one UTC day by node.
package struct DailyReading: Sendable {
    let day: UTCDay
    let nodes: [NodeDailyStatistics]

    /// What tells one series of a bucket from another.
    private struct Identity: Hashable {
        let node: Identifier
        let host: Identifier
    }

    /// Asks for a day's statistics of a bucket.
    static func read(
        _ bucketID: Identifier, day: UTCDay, _ context: ReadingContext
    ) async throws(APIError) -> ReadingResult<DailyReading> {
        let rows = try await context.client.send(ReadBucketDailyStatistics(bucketID: bucketID, day: day))
        var dropped = DroppedRows(unreadIn: rows)
        let (nodes, refused) = context.selection.applied(
            to: dropped.merge(
                rows.rows, by: { Identity(node: $0.node, host: $0.host ?? "") }, keepingLatest: \.lastUpdated),
            ofNode: \.node)
        return ReadingResult(DailyReading(day: day, nodes: nodes), dropped: dropped, refused: refused)
    }

    /// - Parameter name: what the day is called in the label `day`.
    func write(about bucket: ListedBucket, day name: String, to samples: inout SampleWriter<DailyFamilies>) {
        for node in nodes {
            let labels = LabelBlock(bucket.labels, ["node": node.node.text, "host": node.host?.text ?? "", "day": name])
            if let percentage = node.uptimePercentage {
                samples.append(.uptime, labels, value: SampleValue(percentage: percentage))
            }
            if let latency = node.averageLatencyMilliseconds {
                samples.append(.averageLatency, labels, value: SampleValue(milliseconds: latency))
            }
            if let latency = node.lastLatencyMilliseconds {
                samples.append(.lastLatency, labels, value: SampleValue(milliseconds: latency))
            }
            if let date = node.lastUpdated { samples.append(.lastUpdate, labels, value: SampleValue(timestamp: date)) }
        }
    }

    /// Writes which day it is that a name stands for.
    static func write(day: UTCDay, called name: String, to samples: inout SampleWriter<DailyFamilies>) {
        samples.append(.day, LabelBlock(["day": name]), value: SampleValue(timestamp: day.start))
    }
}

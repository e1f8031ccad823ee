/// The status of a bucket as one node reports it, documented as ONLINE, OFFLINE or DISCONNECTED without a definition.
package enum NodeStatus: String, Sendable, CaseIterable {
    /// The node is up and reaches the bucket.
    case online = "ONLINE"
    /// The node does not report: it is so for all buckets at once.
    case offline = "OFFLINE"
    /// The node is up and does not reach the bucket.
    case disconnected = "DISCONNECTED"
}

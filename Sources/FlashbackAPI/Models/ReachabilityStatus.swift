/// Whether a bucket, or a bucket through one node, can be reached.
///
/// The API's status fields are free text: `ONLINE`, `OFFLINE` and `DISCONNECTED` are documented for nodes, and other words
/// have been seen for buckets and nodes.
package enum ReachabilityStatus: Sendable, Hashable {
    case online
    case offline
    case disconnected
    /// A word that is none of those known.
    case unknown(word: String)

    package init(word: String) {
        switch word.lowercased() {
        case "online", "active", "running": self = .online
        case "offline", "inactive", "stopped": self = .offline
        case "disconnected", "error": self = .disconnected
        default: self = .unknown(word: word)
        }
    }
}

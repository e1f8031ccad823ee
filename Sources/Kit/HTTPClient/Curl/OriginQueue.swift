/// The transfers to one origin: the number running in libcurl, and those waiting for their turn.
///
/// libcurl could queue transfers too, but each would hold an easy handle and its buffers and be checked in every round; and with more
/// transfers than fit on one HTTP/2 connection, libcurl opens another. So libcurl gets at most as many transfers as there may be
/// connections, or as many as fit on one connection once the origin has answered in HTTP/2.
final class OriginQueue {
    /// How many streams libcurl uses on one HTTP/2 connection unless the server allows fewer.
    private static let streamsPerConnection = 100

    /// The value of libcurl's `no_proxy`.
    let hostsWithoutProxy: String

    private let maximumConnections: Int
    private var limit: Int
    private var active = 0
    private var waiting: [Transfer] = []
    /// The index of the first waiting transfer. The transfers before it have left; they are removed from the array once they are the
    /// majority.
    private var first = 0

    /// - Parameter name: scheme, host and port.
    init(_ name: Substring, _ configuration: CurlTransportConfiguration) {
        let host = Authority(of: String(name)).host
        hostsWithoutProxy =
            configuration.isForOwnMachine ? "*" : CurlLibrary.hostsWithoutProxy(besides: LoopbackHost.contains(host) ? host : nil)
        maximumConnections = min(configuration.maximumConnections, configuration.maximumConnectionsPerHost)
        limit = maximumConnections
    }

    var isIdle: Bool { active == 0 && first == waiting.count }

    func append(_ transfer: Transfer) {
        waiting.append(transfer)
    }

    /// The next transfer to start, which then counts as active; nil when none is waiting or may start.
    func next() -> Transfer? {
        while active < limit, first < waiting.count {
            let transfer = waiting[first]
            first += 1
            if first == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                first = 0
            } else if first >= 256, first * 2 > waiting.count {
                waiting.removeFirst(first)
                first = 0
            }
            guard !transfer.isFinished else { continue }  // Cancelled or timed out while waiting.
            active += 1
            transfer.isActive = true
            return transfer
        }
        return nil
    }

    /// Releases the transfers, which themselves refer to the queue, when no more will start.
    func close() {
        waiting = []
        first = 0
    }

    /// Records that a transfer has ended, and frees its place if it was active.
    func leave(_ transfer: Transfer) {
        guard transfer.isActive else { return }
        transfer.isActive = false
        active -= 1
    }

    /// Records the HTTP version of the origin's response.
    func answered(in version: HTTPVersion) {
        limit = version == .http2 ? max(maximumConnections, Self.streamsPerConnection) : maximumConnections
    }
}

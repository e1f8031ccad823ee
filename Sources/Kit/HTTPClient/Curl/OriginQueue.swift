/// The transfers to one origin: how many libcurl has in hand, and those that wait for their turn.
///
/// libcurl would queue transfers too, but each with an easy handle and its buffers, looked at in every round; and when there are
/// more than fit on one HTTP/2 connection it opens another. So it is given no more than there may be connections, or as many as
/// fit on one connection once the origin has answered in HTTP/2.
final class OriginQueue {
    /// What libcurl puts on one HTTP/2 connection unless the server allows less.
    private static let streamsPerConnection = 100

    /// What libcurl asks no proxy for, in its own words.
    let hostsWithoutProxy: String

    private let maximumConnections: Int
    private var limit: Int
    private var active = 0
    private var waiting: [Transfer] = []
    /// The transfers before this index have left; the array moves up when most of it is gone.
    private var first = 0

    /// - Parameter name: scheme, host and port.
    init(_ name: Substring, _ configuration: CurlTransportConfiguration) {
        let host = Endpoint(of: String(name)).host
        hostsWithoutProxy =
            configuration.isForOwnMachine ? "*" : CurlLibrary.hostsWithoutProxy(besides: LoopbackHost.contains(host) ? host : nil)
        maximumConnections = min(configuration.maximumConnections, configuration.maximumConnectionsPerHost)
        limit = maximumConnections
    }

    var isIdle: Bool { active == 0 && first == waiting.count }

    func append(_ transfer: Transfer) {
        waiting.append(transfer)
    }

    /// The transfer whose turn it is, counted as active from now on; nil when none waits, or none may start.
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
            guard !transfer.isFinished else { continue }  // Cancelled, or out of time, while it waited.
            active += 1
            transfer.isActive = true
            return transfer
        }
        return nil
    }

    /// The transfer has ended: if it was active, its place is free.
    func leave(_ transfer: Transfer) {
        guard transfer.isActive else { return }
        transfer.isActive = false
        active -= 1
    }

    /// The origin has answered in this version.
    func answered(in version: HTTPVersion) {
        limit = version == .http2 ? max(maximumConnections, Self.streamsPerConnection) : maximumConnections
    }
}

/// The limits and the trust of a ``CurlTransport``.
///
/// Proxies are not configured here: libcurl takes them from `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`. None leads to this
/// machine, whatever these say.
package struct CurlTransportConfiguration: Sendable, Hashable {
    package var userAgent: String
    /// A PEM file with the certificates of the authorities to trust instead of the system's; nil trusts the system's.
    package var caFile: String?
    /// For name lookup, TCP and TLS together. The time that a transfer waits for a free connection is not counted.
    package var connectTimeout: Duration
    /// For a whole transfer from the call to the last byte, waiting included.
    package var totalTimeout: Duration
    /// Open connections to all hosts together, idle ones included.
    package var maximumConnections: Int
    /// Open connections to one host; more transfers than that wait, unless they share a connection (HTTP/2).
    package var maximumConnectionsPerHost: Int
    /// The longest body that is read, counted after decompression.
    package var maximumResponseBytes: Int
    /// The longest that the bodies of all transfers may be together, until they are read: a transfer that would make them longer
    /// fails.
    package var maximumBytesInFlight: Int
    /// Redirects that one transfer follows before it is given up.
    package var maximumRedirects: Int
    /// Whether servers of this machine are asked, and how they are, as a health check does it: no proxy leads there, and a
    /// certificate, which is for the name that others know the machine by, need not prove anything. Requests with a token are refused.
    package var isForOwnMachine = false

    package init(
        userAgent: String = "flashback-exporter",
        caFile: String? = nil,
        connectTimeout: Duration = .seconds(5),
        totalTimeout: Duration = .seconds(30),
        maximumConnections: Int = 64,
        maximumConnectionsPerHost: Int = 64,
        maximumResponseBytes: Int = 64 * 1024 * 1024,
        maximumBytesInFlight: Int = 112 * 1024 * 1024,
        maximumRedirects: Int = 5
    ) {
        self.userAgent = userAgent
        self.caFile = caFile
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.maximumConnections = maximumConnections
        self.maximumConnectionsPerHost = maximumConnectionsPerHost
        self.maximumResponseBytes = maximumResponseBytes
        self.maximumBytesInFlight = maximumBytesInFlight
        self.maximumRedirects = maximumRedirects
    }
}

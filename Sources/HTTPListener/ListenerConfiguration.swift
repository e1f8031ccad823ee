package import NIOSSL

/// The limits of an ``HTTPListener``. The defaults suit a server of short answers to well-behaved clients.
package struct ListenerConfiguration: Sendable {
    /// The longest request body that is read; a longer one is answered 413 and its connection closed. 0 refuses every body.
    package var maximumBodyBytes = 0
    /// How long a request may take from its first byte to its last, however steadily it trickles.
    package var requestTimeout: Duration = .seconds(10)
    /// How long a connection may stay open without a request, or a response without the client reading any of it.
    package var idleTimeout: Duration = .seconds(120)
    /// How long a shutdown waits for responses under way before it cuts them off.
    package var drainTimeout: Duration = .seconds(5)
    /// Serves HTTPS with this configuration; nil serves plain HTTP.
    package var tls: TLSConfiguration?

    package init() {}
}

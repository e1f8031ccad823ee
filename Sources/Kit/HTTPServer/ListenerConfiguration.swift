/// The limits of an ``HTTPListener``. The defaults suit a server of short answers to well-behaved clients.
package struct ListenerConfiguration: Sendable {
    /// The most connections at a time. For one more, that which has been idle longest is closed; if none is idle, that which has
    /// been sending its request longest; if all are being answered, the new one's requests are answered 503. Prometheus' own
    /// default. It is lowered where the system allows fewer open files.
    package var maximumConnections = 512
    /// The most bytes of a request's target and header fields together; a longer head is answered 431.
    package var maximumHeaderBytes = 64 * 1024
    /// The most header fields of a request; with more it is answered 431.
    package var maximumHeaderFields = 100
    /// The longest request body that is read; a longer one is answered 413 and its connection closed. 0 refuses every body.
    package var maximumBodyBytes = 0
    /// How long a request may take from its first byte to its last, however steadily it trickles, and a TLS handshake from the
    /// connection's beginning.
    package var requestTimeout: Duration = .seconds(10)
    /// How long a connection may stay open without a request, or a response without the client reading any of it. When none of an
    /// HTTP/2 connection's responses has been read for so long, it is closed.
    package var idleTimeout: Duration = .seconds(120)
    /// How long a client that was answered before it had sent its whole request may go on sending, for what is dropped.
    package var lingerTimeout: Duration = .seconds(2)
    /// How long a shutdown waits for responses under way before it cuts them off.
    package var drainTimeout: Duration = .seconds(5)
    /// Whether a client without TLS that ends its sending side after its request is answered (as one with `nc -N` is). Otherwise its
    /// handler is cancelled at once.
    package var answersHalfClosedClients = true
    /// How long the handler of such a client may take from then on. One that has gone looks the same until something is sent to it:
    /// after a quarter of a second an interim response is, and the reset that a client which has gone answers cancels the handler.
    package var halfClosedTimeout: Duration = .seconds(10)
    /// The time for the header field `Date`, in seconds since 1970-01-01 UTC.
    package var unixSeconds: @Sendable () -> Int64 = { ResponseDate.now() }
    /// How the next connection is secured; nil where it is plain HTTP. Called on the event loop for each connection: must not block.
    package var security: @Sendable () -> ConnectionSecurity? = { nil }

    package init() {}
}

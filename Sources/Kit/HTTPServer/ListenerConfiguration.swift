/// The limits of an ``HTTPListener``. The defaults suit a server of short responses to well-behaved clients.
package struct ListenerConfiguration: Sendable {
    /// The maximum number of connections. To accept a further one, the listener closes the connection that has been idle longest. If none
    /// is idle, it closes the one whose client has been sending its request, or has read nothing of its response for ``stallTimeout``, for
    /// longest. If all connections are being answered, requests on the new one get a 503. The default is Prometheus' own. It is lowered if
    /// the system allows fewer open files.
    package var maximumConnections = 512
    /// The maximum size in bytes of a request's target and header fields together; a longer head gets a 431.
    package var maximumHeaderBytes = 64 * 1024
    /// The maximum number of header fields in a request; more get a 431.
    package var maximumHeaderFields = 100
    /// The longest request body that is read; a longer one gets a 413 and its connection is closed. 0 rejects every body.
    package var maximumBodyBytes = 0
    /// The maximum time from a request's first byte to its last, even if data keeps trickling in; also the maximum time for a TLS
    /// handshake, from the start of the connection.
    package var requestTimeout: Duration = .seconds(10)
    /// How long a connection may stay open without a request, or with a response that its client does not read. An HTTP/2 connection is
    /// closed when none of its responses has been read for that long.
    package var idleTimeout: Duration = .seconds(120)
    /// How long a client may read nothing of its response before its connection may have to make room for another.
    package var stallTimeout: Duration = .seconds(1)
    /// How long a client that was answered before it had sent its whole request may continue sending; the data is discarded.
    package var lingerTimeout: Duration = .seconds(2)
    /// How long a shutdown waits for responses in progress before it aborts them.
    package var drainTimeout: Duration = .seconds(5)
    /// Whether to answer a client without TLS that closes its sending side after its request, as `nc -N` does. Otherwise its
    /// handler is cancelled at once.
    package var answersHalfClosedClients = true
    /// How long the handler may run after its client has closed its sending side. A disconnected client looks the same until something is
    /// sent to it, so an interim response is sent after a quarter of a second; the reset that it triggers from a disconnected client
    /// cancels the handler.
    package var halfClosedTimeout: Duration = .seconds(10)
    /// The time for the header field `Date`, in seconds since 1970-01-01 UTC.
    package var unixSeconds: @Sendable () -> Int64 = { ResponseDate.now() }
    /// How the next connection is secured; nil for plain HTTP. Called on the event loop for each connection; must not block.
    package var security: @Sendable () -> ConnectionSecurity? = { nil }

    package init() {}
}

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The limits and the trust settings of a ``CurlTransport``.
///
/// Proxies are not configured here: libcurl reads them from `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`. Requests to this
/// machine never use a proxy.
package struct CurlTransportConfiguration: Sendable, Hashable {
    package var userAgent: String
    /// A PEM file with the CA certificates to trust instead of the system's; nil trusts the system's.
    package var caFile: String?
    /// The time-out for name lookup, TCP and TLS together. It excludes the wait for a free connection.
    package var connectTimeout: Duration
    /// The time-out for a whole transfer from the call to the last byte, including waits.
    package var totalTimeout: Duration
    /// The maximum number of open connections to all hosts, including idle ones.
    package var maximumConnections: Int
    /// The maximum number of open connections to one host; further transfers wait, unless they can share a connection (HTTP/2).
    package var maximumConnectionsPerHost: Int
    /// The longest accepted body in bytes, after decompression.
    package var maximumResponseBytes: Int
    /// The maximum total bytes of all transfers' bodies that have not been consumed; a transfer that would exceed it fails.
    package var maximumBytesInFlight: Int
    /// The maximum number of redirects that one transfer follows.
    package var maximumRedirects: Int
    /// Whether the transport is for servers on this machine only, as in a health check: no proxy is used, and certificates are
    /// not verified, since they are issued for the machine's external name. Requests with a token are refused.
    package var isForOwnMachine = false

    package init(
        userAgent: String = "libcurl",
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

extension CurlTransportConfiguration {
    /// Finds mistakes that would otherwise fail, or be misinterpreted by libcurl, at the first transfer.
    func validate() throws(TransferError) {
        try Self.require(connectTimeout > .zero, "connect timeout")
        try Self.require(totalTimeout > .zero, "total timeout")
        try Self.require(maximumConnections > 0, "number of connections")
        try Self.require(maximumConnectionsPerHost > 0, "number of connections per host")
        try Self.require(maximumResponseBytes > 0, "longest response")
        try Self.require(maximumBytesInFlight > 0, "number of bytes in flight")
        try Self.require(maximumRedirects >= 0, "number of redirects")
        if let caFile { try Self.requireCertificates(in: caFile) }
    }

    private static func require(_ isValid: Bool, _ what: String) throws(TransferError) {
        guard isValid else { throw TransferError(kind: .configuration, message: "the \(what) must be more than zero") }
    }

    private static func requireCertificates(in path: String) throws(TransferError) {
        let contents = try contents(of: path)
        // OpenSSL accepts "TRUSTED CERTIFICATE" and "X509 CERTIFICATE" in addition to "CERTIFICATE".
        let markers = ["-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----", "-----BEGIN X509 CERTIFICATE-----"]
        guard markers.contains(where: { contents.firstRange(of: $0.utf8) != nil }) else {
            throw TransferError(
                kind: .configuration, message: "the CA file \(path) contains no certificate in PEM format")
        }
    }

    private static func contents(of path: String) throws(TransferError) -> [UInt8] {
        func failure() -> TransferError {
            TransferError(kind: .configuration, message: "cannot read the CA file \(path): \(String(cString: strerror(errno)))")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw failure() }
            if count == 0 { return contents }
            contents += chunk[..<count]
        }
    }
}

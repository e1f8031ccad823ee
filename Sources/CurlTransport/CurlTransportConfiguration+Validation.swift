#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

extension CurlTransportConfiguration {
    /// Finds what would otherwise fail, or mean something else to libcurl, at the first transfer.
    func validate() throws(TransferError) {
        try Self.require(connectTimeout > .zero, "connect time-out")
        try Self.require(totalTimeout > .zero, "total time-out")
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
        // Besides "CERTIFICATE", OpenSSL takes "TRUSTED CERTIFICATE" and "X509 CERTIFICATE".
        let markers = ["-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----", "-----BEGIN X509 CERTIFICATE-----"]
        guard markers.contains(where: { contents.firstRange(of: $0.utf8) != nil }) else {
            throw TransferError(
                kind: .configuration, message: "the CA file \(path) holds no certificate: it must be in PEM format")
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

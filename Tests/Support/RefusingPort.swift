import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A port of 127.0.0.1 on which nothing listens.
package enum RefusingPort {
    private struct NotBound: Error {
        let number = errno
    }

    /// Provides such a port and reserves it meanwhile: a port that is merely free may become a server's, or a client's own, which would
    /// then connect to itself.
    package static func with<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(holder) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { bytes in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return bind(holder, address, length) == 0 && getsockname(holder, address, &length) == 0
        }
        guard isBound else { throw NotBound() }
        return try await body(Int(UInt16(bigEndian: address.sin_port)))
    }
}

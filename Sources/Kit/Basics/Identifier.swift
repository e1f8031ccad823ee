#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// An external identifier: a bucket's id, a node's name, an account's name.
///
/// Identifiers are compared by their UTF-8 bytes. Swift's `String` uses canonical equivalence instead, so that `é` and `e` with a
/// combining accent would be one bucket for the exporter but two for the API and for Prometheus.
package struct Identifier: Sendable {
    /// The identifier's text.
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var isEmpty: Bool { text.isEmpty }

    /// Accesses the bytes without copying, so that comparing and hashing are as fast as for `String`.
    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        var copy = text
        return copy.withUTF8(body)
    }
}

extension Identifier: Hashable {
    package static func == (left: Identifier, right: Identifier) -> Bool {
        left.withBytes { left in
            right.withBytes { right in
                guard left.count == right.count else { return false }
                guard let start = left.baseAddress, let other = right.baseAddress else { return true }
                return memcmp(start, other, left.count) == 0
            }
        }
    }

    package func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // Not a valid UTF-8 byte, so it separates identifiers that are hashed together.
        hasher.combine(0xFF as UInt8)
    }
}

/// Ordered by bytes, which is also the order of the Unicode scalars.
extension Identifier: Comparable {
    package static func < (left: Identifier, right: Identifier) -> Bool {
        left.withBytes { left in right.withBytes { left.lexicographicallyPrecedes($0) } }
    }
}

extension Identifier: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self.init(value) }
}

extension Identifier: CustomStringConvertible {
    package var description: String { text }
}

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A text by which something outside the program tells one thing from another: a bucket's id, a node's name, an account's name.
///
/// Two are the same when their UTF-8 bytes are. Swift's `String` compares by Unicode's canonical equivalence instead, so that `é` and
/// `e` with a combining accent would be one bucket to the exporter and two to the API and to Prometheus.
package struct Identifier: Sendable {
    /// The identifier as it is written.
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var isEmpty: Bool { text.isEmpty }

    /// Has a closure read the bytes where they are, which is what makes comparing and hashing as fast as that of a `String`.
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
        // No byte of UTF-8: where two are hashed together, it matters where one ends.
        hasher.combine(0xFF as UInt8)
    }
}

/// In the order of the bytes, which is that of the Unicode scalars.
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

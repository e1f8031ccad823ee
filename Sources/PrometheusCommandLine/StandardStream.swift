#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The streams that a program writes to.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Whether a person looks at it.
    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Writes a text at once: what `print` writes to a pipe would wait in a buffer until the program ends.
    package func write(_ text: String) {
        write(Array(text.utf8))
    }

    /// Writes bytes with as few calls of `write(2)` as it takes, so that the lines of several threads do not mix.
    package func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = systemWrite(rawValue, rest)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    return  // Nobody reads the stream: there is nowhere to say so.
                }
            }
        }
    }
}

private func systemWrite(_ file: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    let buffer = UnsafeRawBufferPointer(rebasing: bytes)
    return write(file, buffer.baseAddress, buffer.count)
}

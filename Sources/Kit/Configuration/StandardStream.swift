internal import NIOConcurrencyHelpers

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The standard streams for output.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// An incomplete write to a stream.
    package struct WriteError: Error, CustomStringConvertible {
        /// The system's error number.
        package let number: Int32
        let stream: StandardStream

        /// Whether the reader has closed the pipe, as `head` does when it has enough.
        package var isClosedPipe: Bool { number == EPIPE }

        package var description: String {
            "cannot write to the standard \(stream == .output ? "output" : "error stream"): \(String(cString: strerror(number)))"
        }
    }

    /// Whether the stream is a terminal.
    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Writes a text immediately. `print` buffers output to a pipe or a file, and its errors are lost.
    package func write(_ text: String) throws(WriteError) {
        try write(Array(text.utf8))
    }

    /// Writes bytes with as few `write(2)` calls as possible, so that the lines of several threads do not mix.
    package func write(_ bytes: [UInt8]) throws(WriteError) {
        let number = bytes.withUnsafeBytes { buffer -> Int32? in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = systemWrite(rawValue, rest)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Another program has made the shared pipe or terminal non-blocking.
                    var polled = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                    poll(&polled, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return nil
        }
        if let number { throw WriteError(number: number, stream: self) }
    }
}

/// Writes lines to standard output from code that cannot throw, and keeps the first error for later.
package struct OutputLines: Sendable {
    private let failure = NIOLockedValueBox<StandardStream.WriteError?>(nil)

    package init() {}

    /// Writes a line, unless an earlier write failed.
    /// - Parameter line: without its newline.
    package func write(_ line: String) {
        failure.withLockedValue { failure in
            guard failure == nil else { return }
            do throws(StandardStream.WriteError) {
                try StandardStream.output.write(line + "\n")
            } catch {
                failure = error
            }
        }
    }

    /// - Throws: the first write error.
    package func finish() throws(StandardStream.WriteError) {
        if let failure = failure.withLockedValue({ $0 }) { throw failure }
    }
}

private func systemWrite(_ file: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    let buffer = UnsafeRawBufferPointer(rebasing: bytes)
    return write(file, buffer.baseAddress, buffer.count)
}

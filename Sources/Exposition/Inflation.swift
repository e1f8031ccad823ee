internal import CZlib
internal import NIOCore

/// The way back from what ``Deflater`` made.
enum Inflation {
    /// The bytes that were deflated.
    /// - Parameter count: how many there are.
    static func bytes(of deflated: ByteBuffer, count: Int) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { output in
            deflated.withUnsafeReadableBytes { input in
                var stream = z_stream()
                // zlib only reads it, which its type does not say.
                stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
                stream.avail_in = uInt(input.count)
                stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = uInt(count)
                precondition(czlib_inflate_init_raw(&stream) == Z_OK, "zlib cannot be used")
                // The stream has no end: it is over when all bytes are there.
                let status = inflate(&stream, Z_SYNC_FLUSH)
                inflateEnd(&stream)
                precondition(stream.avail_out == 0, "what was deflated here cannot be inflated: status \(status)")
            }
            return count
        }
        return bytes
    }
}

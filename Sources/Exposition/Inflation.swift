internal import CZlib

/// The way back from what ``Deflater`` made.
enum Inflation {
    /// The bytes that were deflated.
    /// - Parameter count: how many there are.
    static func bytes(of deflated: [UInt8], count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { output, initializedCount in
            deflated.withUnsafeBufferPointer { input in
                var stream = z_stream()
                // zlib only reads it, which its type does not say.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(count)
                precondition(czlib_inflate_init_raw(&stream) == Z_OK, "zlib cannot be used")
                // The stream has no end: it is over when all bytes are there.
                let status = inflate(&stream, Z_SYNC_FLUSH)
                inflateEnd(&stream)
                precondition(stream.avail_out == 0, "what was deflated here cannot be inflated: status \(status)")
            }
            initializedCount = count
        }
    }
}

internal import CISAL
internal import NIOCore

/// The way back from what ``Deflater`` made.
enum Inflation {
    /// The bytes that were deflated.
    /// - Parameter count: how many there are.
    static func bytes(of deflated: ByteBuffer, count: Int) -> ByteBuffer {
        // Too large for the stack.
        let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
        defer { state.deallocate() }
        isal_inflate_init(state)
        var bytes = ByteBuffer()
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { output in
            deflated.withUnsafeReadableBytes { input in
                // ISA-L only reads it, which its type does not say.
                state.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
                state.pointee.avail_in = UInt32(input.count)
                state.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
                state.pointee.avail_out = UInt32(count)
                // The stream has no end: it is over when all bytes are there.
                let status = isal_inflate(state)
                precondition(
                    state.pointee.avail_out == 0, "what was deflated here cannot be inflated: status \(status)")
            }
            return count
        }
        return bytes
    }
}

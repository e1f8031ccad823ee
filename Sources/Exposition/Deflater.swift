internal import CZlib

/// Deflates one piece of data after the other, each so that it can stand in any deflate stream, before or after any other piece
/// (RFC 1951): it ends on a byte's boundary, and nothing in it points back before its beginning.
final class Deflater {
    /// zlib's fastest: the samples of many buckets shrink to a twentieth already, and the better levels cost several times as much.
    private static let level: Int32 = 1
    /// So few bytes, such as one sample of the process, do not become fewer: with the flush after them they would be more.
    private static let longestStored = 64

    // zlib's state points back at the stream, which therefore must not move.
    private var stream: UnsafeMutablePointer<z_stream>?
    private var scratch: [UInt8] = []

    deinit {
        guard let stream else { return }
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The deflated form of some bytes, ended by a full flush, which also forgets what came before.
    func deflate(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.count <= Self.longestStored { return stored(bytes) }
        let stream = stream ?? openStream()
        var deflated: [UInt8] = []
        // zlib counts what it is given in 32 bits.
        var rest = bytes[...]
        repeat {
            let piece = rest.prefix(1 << 30)
            rest = rest.dropFirst(piece.count)
            deflate(piece, with: stream, flush: rest.isEmpty ? Z_FULL_FLUSH : Z_NO_FLUSH, into: &deflated)
        } while !rest.isEmpty
        return deflated
    }

    /// A block without compression (RFC 1951 section 3.2.4).
    private func stored(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt8(bytes.count)
        return [0, length, 0, ~length, 0xFF] + bytes
    }

    private func openStream() -> UnsafeMutablePointer<z_stream> {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = czlib_deflate_init_raw(stream, Self.level)
        precondition(status == Z_OK, "zlib cannot be used: status \(status)")
        scratch = [UInt8](repeating: 0, count: 64 * 1024)
        self.stream = stream
        return stream
    }

    private func deflate(
        _ bytes: ArraySlice<UInt8>, with stream: UnsafeMutablePointer<z_stream>, flush: Int32, into deflated: inout [UInt8]
    ) {
        bytes.withUnsafeBufferPointer { input in
            // zlib only reads it, which its type does not say.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = uInt(input.count)
            repeat {
                let count = scratch.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = uInt(output.count)
                    CZlib.deflate(stream, flush)
                    return output.count - Int(stream.pointee.avail_out)
                }
                deflated.append(contentsOf: scratch[..<count])
            } while stream.pointee.avail_out == 0
        }
    }
}

/// A part of a body, with its deflated form made once: bodies of either coding are put together from segments without computing.
package struct Segment: Sendable, Hashable {
    /// As it is without a coding.
    package let bytes: [UInt8]
    /// As it stands in a deflate stream.
    let deflated: [UInt8]
    let check: CyclicRedundancyCheck

    init(_ bytes: [UInt8], deflater: Deflater) {
        self.bytes = bytes
        deflated = deflater.deflate(bytes)
        check = CyclicRedundancyCheck(bytes)
    }
}

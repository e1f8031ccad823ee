internal import NIOCore

/// Lays segments next to each other, so that a body with all of them is put together from few pieces: each is counted, and given to
/// the socket, by itself.
struct SegmentPacking {
    /// How many bytes lie next to each other at most, unless one segment alone has more.
    private static let longestPiece = 64 * 1024

    /// The runs that it was made of.
    private(set) var runs: [SegmentRun] = []
    /// All of them as one.
    let whole: SegmentRun

    /// A place in the pieces.
    private struct Place {
        let piece: Int
        let bytes: Range<Int>

        /// This place with one that begins where it ends.
        func extended(by next: Place) -> Place? {
            guard next.piece == piece, next.bytes.lowerBound == bytes.upperBound else { return nil }
            return Place(piece: piece, bytes: bytes.lowerBound..<next.bytes.upperBound)
        }
    }

    init(_ segments: [[Segment]]) {
        let (pieces, places) = Self.pieces(of: segments.joined())
        func buffer(at place: Place) -> ByteBuffer {
            guard let slice = pieces[place.piece].getSlice(at: place.bytes.lowerBound, length: place.bytes.count) else {
                preconditionFailure("a place is within its piece")
            }
            return slice
        }
        var rest = places[...]
        for segments in segments {
            let places = rest.prefix(segments.count)
            rest = rest.dropFirst(segments.count)
            var joined: [Place] = []
            for place in places {
                if let extended = joined.last?.extended(by: place) {
                    joined[joined.count - 1] = extended
                } else {
                    joined.append(place)
                }
            }
            let moved = zip(segments, places).map { $0.moved(to: buffer(at: $1)) }
            runs.append(SegmentRun(moved, deflated: joined.map(buffer)))
        }
        whole = SegmentRun(joining: runs, deflated: pieces)
    }

    private static func pieces(of segments: some Sequence<Segment>) -> (pieces: [ByteBuffer], places: [Place]) {
        var pieces: [ByteBuffer] = []
        var places: [Place] = []
        var left = segments.reduce(0) { $0 + $1.deflated.readableBytes }
        for segment in segments {
            let count = segment.deflated.readableBytes
            if (pieces.last?.writableBytes ?? 0) < count {
                // No longer than what there is left to lay down.
                pieces.append(ByteBufferAllocator().buffer(capacity: max(min(longestPiece, left), count)))
            }
            let index = pieces.count - 1
            let start = pieces[index].writerIndex
            pieces[index].writeImmutableBuffer(segment.deflated)
            places.append(Place(piece: index, bytes: start..<start + count))
            left -= count
        }
        return (pieces, places)
    }
}

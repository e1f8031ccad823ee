internal import NIOCore

/// Places segments contiguously, so that a body consists of few pieces: each piece has a cost, and is written to the socket separately.
struct SegmentPacking {
    /// The maximum length of a contiguous piece, unless a single segment is longer.
    private static let maximumPieceBytes = 64 * 1024

    /// The runs, with their segments relocated.
    private(set) var runs: [SegmentRun] = []
    /// All runs joined.
    let whole: SegmentRun

    /// A range in one of the pieces.
    private struct Place {
        let piece: Int
        let bytes: Range<Int>

        /// This range joined with the next one; nil unless the next one starts where this one ends.
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
                // At most as long as the remaining data.
                pieces.append(ByteBufferAllocator().buffer(capacity: max(min(maximumPieceBytes, left), count)))
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

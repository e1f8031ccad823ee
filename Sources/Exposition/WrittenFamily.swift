/// A family's samples as segments that do not lie next to each other yet: what one writer wrote, such as a part of the buckets.
///
/// Parts are written again one by one as they change, and put together for each snapshot (``join(_:)``).
package struct WrittenFamily: Sendable {
    /// Sample lines of one scope.
    struct Samples: Sendable {
        let scope: SampleScope
        var segments: [Segment]
    }

    /// The family's place among its declarations.
    let index: Int
    let family: MetricFamily
    let header: FamilyHeader
    var samples: [Samples]

    /// Puts the families of several parts together, in the order of their declarations.
    ///
    /// The parts' segments are copied next to each other, so that a body consists of few pieces, and the parts share the copies from
    /// then on: the bytes are in memory once.
    /// - Parameter parts: the families of each part, all of the same declarations.
    package static func join(_ parts: inout [[WrittenFamily]]) -> [RenderedFamily] {
        var places: [Int: [(part: Int, position: Int)]] = [:]
        for part in parts.indices {
            for position in parts[part].indices { places[parts[part][position].index, default: []].append((part, position)) }
        }
        return places.sorted { $0.key < $1.key }.map { join(&parts, at: $0.value) }
    }

    private static func join(_ parts: inout [[WrittenFamily]], at places: [(part: Int, position: Int)]) -> RenderedFamily {
        var whole = parts[places[0].part][places[0].position]
        whole.samples = places.flatMap { parts[$0.part][$0.position].samples }
        let packing = SegmentPacking(whole.samples.map(\.segments))
        var runs = packing.runs[...]
        for place in places {
            for index in parts[place.part][place.position].samples.indices {
                guard let run = runs.popFirst() else {
                    preconditionFailure("packing keeps one run for each sequence of segments")
                }
                parts[place.part][place.position].samples[index].segments = run.segments
            }
        }
        return RenderedFamily(whole, packing: packing)
    }
}

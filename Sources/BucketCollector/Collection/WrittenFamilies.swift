internal import Exposition

/// What a collector's observations were written as, and for how long that holds.
struct WrittenFamilies: Sendable {
    let validity: WritingValidity
    let families: [RenderedFamily]
}

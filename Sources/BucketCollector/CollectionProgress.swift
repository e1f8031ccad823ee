/// How far a refresh has come, in requests.
package struct CollectionProgress: Sendable, Hashable {
    package var done = 0
    /// What is known to be needed; it grows when the bucket list arrives.
    package var expected = 0

    package init(done: Int = 0, expected: Int = 0) {
        self.done = done
        self.expected = expected
    }

    package static func += (left: inout CollectionProgress, right: CollectionProgress) {
        left.done += right.done
        left.expected += right.expected
    }
}

internal import Basics

/// The buckets in the latest list, and their slots in the tables.
///
/// A bucket keeps its *slot*, the index under which collectors store its data, while it is listed and for some time afterwards,
/// so that nothing is lost if a list omits it once by mistake. The slots of a workspace form *ranges*, whose samples are written
/// together.
struct BucketDirectory {
    /// The maximum number of buckets in a range: large enough for segments that compress well, small enough to rewrite when one
    /// bucket changes.
    static let rangeCapacity = 256

    /// A bucket and its slot.
    struct Place: Sendable {
        let slot: Int
        let bucket: ListedBucket
        /// The steady time at which the list that first contained the bucket was requested.
        let listedAt: Duration
    }

    /// The changes made by a new list.
    struct Change {
        var added: [Place] = []
        /// The slots of buckets that are no longer listed.
        var removed: [Int] = []
        /// The slots that have become free for other buckets.
        var freed: [Int] = []
        /// Ranges in which buckets were added, removed or relabelled.
        var relabeled: Set<Int> = []
        /// Ranges in which the list's data about buckets changed, including those above.
        var changed: Set<Int> = []
    }

    private struct Entry {
        var place: Place
        var range: Int
        /// When a list first omitted the bucket; nil while it is listed.
        var missingSince: Duration?
    }

    private struct Range {
        var partition: Identifier
        var slots: [Int] = []
    }

    /// By slot; nil for a free slot.
    private var entries: [Entry?] = []
    private var slotsByID: [Identifier: Int] = [:]
    private var freeSlots: [Int] = []
    private var ranges: [Range] = []
    private var freeRanges: [Int] = []
    /// By partition, the range that takes new buckets.
    private var openRanges: [Identifier: Int] = [:]
    /// The slots of the listed buckets, in list order.
    private var order: [Int] = []

    /// The listed buckets, in list order.
    var places: [Place] { order.compactMap { entries[$0]?.place } }

    var count: Int { order.count }

    subscript(slot: Int) -> Place? { entries[slot].flatMap { $0.missingSince == nil ? $0.place : nil } }

    /// The place of a listed bucket.
    func place(of bucketID: Identifier) -> Place? { slotsByID[bucketID].flatMap { self[$0] } }

    func range(of slot: Int) -> Int? { entries[slot]?.range }

    /// The listed buckets of each range.
    var rangeContents: [[Place]] { ranges.map { range in range.slots.compactMap { self[$0] } } }

    // MARK: Updates

    /// - Parameters:
    ///   - list: the buckets, without duplicates.
    ///   - time: the steady time at which the list was requested.
    ///   - retention: how long a bucket that is no longer listed keeps its slot.
    mutating func update(with list: [ListedBucket], requestedAt time: Duration, retention: Duration) -> Change {
        var change = Change()
        let before = order
        order.removeAll(keepingCapacity: true)
        var isListed = [Bool](repeating: false, count: entries.count)
        for bucket in list {
            let slot = enter(bucket, at: time, &change)
            if slot < isListed.count { isListed[slot] = true }
            order.append(slot)
        }
        for slot in before where !isListed[slot] {
            entries[slot]?.missingSince = time
            change.removed.append(slot)
            if let range = range(of: slot) { change.relabeled.insert(range) }
        }
        for slot in entries.indices {
            if let since = entries[slot]?.missingSince, time - since > retention {
                free(slot)
                change.freed.append(slot)
            }
        }
        change.changed.formUnion(change.relabeled)
        return change
    }

    private mutating func enter(_ bucket: ListedBucket, at time: Duration, _ change: inout Change) -> Int {
        guard let slot = slotsByID[bucket.id], let entry = entries[slot] else { return add(bucket, at: time, &change) }
        if entry.missingSince != nil {
            // Listed again.
            entries[slot]?.missingSince = nil
            entries[slot]?.place = Place(slot: slot, bucket: bucket, listedAt: time)
            move(slot, to: bucket.partition, &change)
            change.relabeled.insert(entries[slot]?.range ?? entry.range)
            change.added.append(Place(slot: slot, bucket: bucket, listedAt: time))
        } else if bucket.bucket != entry.place.bucket.bucket || !bucket.hasSameSeries(as: entry.place.bucket) {
            entries[slot]?.place = Place(slot: slot, bucket: bucket, listedAt: entry.place.listedAt)
            move(slot, to: bucket.partition, &change)
            change.changed.insert(entries[slot]?.range ?? entry.range)
            if !bucket.hasSameSeries(as: entry.place.bucket) { change.relabeled.insert(entries[slot]?.range ?? entry.range) }
        }
        return slot
    }

    private mutating func add(_ bucket: ListedBucket, at time: Duration, _ change: inout Change) -> Int {
        let slot = freeSlots.popLast() ?? entries.count
        if slot == entries.count { entries.append(nil) }
        let place = Place(slot: slot, bucket: bucket, listedAt: time)
        let range = rangeWithRoom(for: bucket.partition)
        ranges[range].slots.append(slot)
        entries[slot] = Entry(place: place, range: range)
        slotsByID[bucket.id] = slot
        change.added.append(place)
        change.relabeled.insert(range)
        return slot
    }

    private mutating func free(_ slot: Int) {
        guard let entry = entries[slot] else { return }
        slotsByID[entry.place.bucket.id] = nil
        leaveRange(slot, entry.range)
        entries[slot] = nil
        freeSlots.append(slot)
    }

    // MARK: Ranges

    /// Moves a bucket to a range of another partition, unless its range already belongs to that partition.
    private mutating func move(_ slot: Int, to partition: Identifier, _ change: inout Change) {
        guard let before = range(of: slot), ranges[before].partition != partition else { return }
        leaveRange(slot, before)
        let range = rangeWithRoom(for: partition)
        ranges[range].slots.append(slot)
        entries[slot]?.range = range
        change.relabeled.formUnion([before, range])
    }

    private mutating func rangeWithRoom(for partition: Identifier) -> Int {
        if let open = openRanges[partition], ranges[open].slots.count < Self.rangeCapacity { return open }
        let range = freeRanges.popLast() ?? ranges.count
        if range == ranges.count { ranges.append(Range(partition: partition)) }
        ranges[range].partition = partition
        openRanges[partition] = range
        return range
    }

    private mutating func leaveRange(_ slot: Int, _ range: Int) {
        ranges[range].slots.removeAll { $0 == slot }
        let partition = ranges[range].partition
        if ranges[range].slots.isEmpty {
            if openRanges[partition] == range { openRanges[partition] = nil }
            freeRanges.append(range)
        } else if let open = openRanges[partition], ranges[open].slots.count > ranges[range].slots.count {
            // Fill the emptier range first.
            openRanges[partition] = range
        }
    }
}

/// The account's buckets as the page lists them: the ill ones first, then by name; all of them, or those that were searched for.
struct BucketListing {
    struct Entry {
        let bucket: BucketOverview
        let health: BucketHealth
    }

    /// Those of the page.
    let entries: [Entry]
    let paging: Paging
    /// How all buckets are, whatever was searched for.
    let counts: HealthCounts

    init(_ buckets: [BucketOverview], _ query: PageQuery) {
        let healths = buckets.map { BucketHealth(of: $0) }
        counts = HealthCounts(healths)
        let names = buckets.map { $0.name.lowercased() }
        let needle = query.search.lowercased()
        var places = Array(buckets.indices)
        if !needle.isEmpty {
            places = places.filter {
                names[$0].contains(needle) || buckets[$0].id.lowercased().contains(needle)
            }
        }
        places.sort { left, right in
            if healths[left] != healths[right] { return healths[left] < healths[right] }
            if names[left] != names[right] { return names[left] < names[right] }
            return buckets[left].id < buckets[right].id
        }
        let paging = Paging(rows: places.count, page: query.page)
        entries = places[paging.range].map { Entry(bucket: buckets[$0], health: healths[$0]) }
        self.paging = paging
    }
}

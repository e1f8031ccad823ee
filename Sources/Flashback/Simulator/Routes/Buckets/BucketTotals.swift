/// GET /bucket/stats: lifetime totals of the buckets in `bucketId` (comma-separated), or of all.
///
/// The documents do not say what happens with an unknown or forbidden identifier: here it is omitted.
enum BucketTotals {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        var rows = [JSONValue]()
        func add(_ bucket: StoredBucket) {
            guard call.maySee(bucket), !bucket.isForbidden else { return }
            let totals = organization.totals(of: bucket, at: call.now)
            if dialect.omitsIdleBuckets, totals == SimulatedTotals() { return }
            let row = row(bucket.id, totals, dialect)
            for _ in 0...bucket.extraRows { rows.append(row) }
        }
        if let ids = call.query["bucketId"] {
            var seen: Set<Substring> = []
            for id in ids.split(separator: ",") where seen.insert(id).inserted {
                if let bucket = organization[String(id)] { add(bucket) }
            }
        } else {
            for bucket in organization.liveBuckets { add(bucket) }
        }
        return .ok(.object([.init("success", true), .init("stats", .array(rows))]))
    }

    private static func row(_ id: String, _ totals: SimulatedTotals, _ dialect: APIDialect) -> JSONValue {
        let names =
            switch dialect.totalsNames {
            case .total: ("totalCount", "totalUploadBytes", "totalDownloadBytes", "totalSizeChange")
            case .snakeCase: ("requests", "upl_bytes", "dwl_bytes", "size_change")
            case .camelCase: ("requests", "uplBytes", "dwlBytes", "sizeChange")
            }
        func total(_ number: Int64) -> JSONValue {
            dialect.totalsKind == .string ? .string(String(number)) : .integer(number)
        }
        return .object([
            .init(dialect.bucketIDName.rawValue, .string(id)), .init(names.0, total(totals.count)),
            .init(names.1, total(totals.uploadBytes)), .init(names.2, total(totals.downloadBytes)),
            .init(names.3, total(totals.sizeChange)),
        ])
    }
}

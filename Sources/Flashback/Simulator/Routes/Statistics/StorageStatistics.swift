internal import HTTPTypes

/// GET /v2/stats/storage: traffic by time, of the organization or a workspace, and of one bucket if `bucketId` names it.
///
/// The documents do not give the unit of times, the alignment of time buckets, whether time buckets without traffic are listed, nor what
/// the summary covers. Here times are in ``APIDialect/seriesTimeUnit``, time buckets are aligned to UTC and all listed, and the summary
/// covers the requests. There are no repositories.
enum StorageStatistics {
    /// The windows, and the size of their time buckets without `timeBucketSize`; it is documented for the first window only.
    private static let windows: [String: (milliseconds: Int64, size: String)] = [
        "24h": (Timestamp.millisecondsPerDay, "10m"), "7d": (7 * Timestamp.millisecondsPerDay, "1h"),
        "30d": (30 * Timestamp.millisecondsPerDay, "6h"), "90d": (90 * Timestamp.millisecondsPerDay, "1d"),
        "180d": (180 * Timestamp.millisecondsPerDay, "1d"), "365d": (365 * Timestamp.millisecondsPerDay, "1d"),
    ]
    private static let sizes: [String: Int64] = [
        "5m": 300_000, "10m": 600_000, "1h": 3_600_000, "6h": 21_600_000, "12h": 43_200_000,
        "1d": Timestamp.millisecondsPerDay,
    ]

    /// A time bucket.
    private struct Interval {
        let start: Timestamp
        var totals = SimulatedTotals()
        var latencyMilliseconds = 0.0
    }

    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        guard let windowName = call.query["window"], let window = windows[windowName],
            let size = sizes[call.query["timeBucketSize"] ?? window.size]
        else { return .failure(.badRequest, code: "INVALID_WINDOW", "Invalid window or timeBucketSize") }
        let scope = call.query["scope"] ?? ""
        var buckets = organization.liveBuckets.filter { call.maySee($0) && !$0.isForbidden }
        switch (scope, call.query["id"]) {
        case ("org", _): break
        case ("workspace", let id?): buckets = buckets.filter { $0.workspaceID == id }
        case ("repo", .some): return .failure(.notFound, code: "NOT_FOUND", "Repository not found")
        default: return .failure(.badRequest, code: "INVALID_SCOPE", "Invalid scope or id")
        }
        if let id = call.query["bucketId"] {
            guard let bucket = organization[id] else { return .bucketNotFound }
            guard buckets.contains(where: { $0.id == id }) else { return .forbidden }
            buckets = [bucket]
        }
        let begin = call.now.milliseconds - window.milliseconds
        let intervals = stride(from: begin - begin % size, to: call.now.milliseconds, by: Int(size)).map { start in
            interval(
                from: Timestamp(milliseconds: start), to: min(call.now, Timestamp(milliseconds: start + size)), buckets,
                organization)
        }
        var meta: [JSONValue.Member] = [
            .init("start", time(Timestamp(milliseconds: begin), dialect)), .init("end", time(call.now, dialect)),
            .init("scope", .string(scope)),
        ]
        if let id = call.query["id"] { meta.append(.init("scopeId", .string(id))) }
        meta.append(.init("window", .string(windowName)))
        meta.append(.init("timeBucketSize", .string(call.query["timeBucketSize"] ?? window.size)))
        if let id = call.query["bucketId"] {
            meta.append(.init("resourceFilter", .object([.init("type", "bucket"), .init("id", .string(id))])))
        }
        return .ok(
            .object([
                .init("success", true), .init("meta", .object(meta)),
                .init("summary", summary(of: intervals.map { Double($0.totals.count) })),
                .init("series", .array(intervals.map { row($0, dialect) })),
            ]))
    }

    private static func interval(
        from start: Timestamp, to end: Timestamp, _ buckets: [StoredBucket], _ organization: Organization
    ) -> Interval {
        var interval = Interval(start: start)
        var latencies: [Double] = []
        for bucket in buckets {
            interval.totals += organization.totals(of: bucket, at: end) - organization.totals(of: bucket, at: start)
            latencies += organization.nodes(of: bucket).map { node in
                Latency(random: organization.random).average(of: node.number, for: bucket.number, from: start, to: end)
            }
        }
        if !latencies.isEmpty { interval.latencyMilliseconds = latencies.reduce(0, +) / Double(latencies.count) }
        return interval
    }

    private static func row(_ interval: Interval, _ dialect: APIDialect) -> JSONValue {
        .object([
            .init("ts", time(interval.start, dialect)), .init("uplBytes", .integer(interval.totals.uploadBytes)),
            .init("dwlBytes", .integer(interval.totals.downloadBytes)),
            .init("sizeChange", .integer(interval.totals.sizeChange)),
            .init("latencyMs", .number(interval.latencyMilliseconds)), .init("requests", .integer(interval.totals.count)),
        ])
    }

    private static func summary(of values: [Double]) -> JSONValue {
        let sorted = values.sorted()
        let total = values.reduce(0, +)
        let average = total / Double(max(1, values.count))
        let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(max(1, values.count))
        func percentile(_ share: Double) -> JSONValue {
            .number(sorted.isEmpty ? 0 : sorted[Int(share * Double(sorted.count - 1))])
        }
        return .object([
            .init("total", .number(total)), .init("avg", .number(average)), .init("stdDev", .number(variance.squareRoot())),
            .init("min", .number(sorted.first ?? 0)), .init("max", .number(sorted.last ?? 0)), .init("p10", percentile(0.1)),
            .init("p50", percentile(0.5)), .init("p90", percentile(0.9)),
        ])
    }

    private static func time(_ timestamp: Timestamp, _ dialect: APIDialect) -> JSONValue {
        .integer(dialect.seriesTimeUnit == .seconds ? timestamp.seconds : timestamp.milliseconds)
    }
}

internal import HTTPTypes

/// POST /bucket/{bucketId}/stats: each node's statistics for one UTC day, up to now.
///
/// The documents do not give the response for a day in the future or before the bucket's creation: here it is an empty list.
enum DailyStats {
    private struct Body: Decodable {
        let day: String
    }

    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        let bucket: StoredBucket
        switch call.bucket(in: organization) {
        case .success(let found): bucket = found
        case .failure(let refusal): return refusal.answer
        }
        guard let body = call.body(as: Body.self), let day = Timestamp(iso8601: body.day)?.day else {
            return .failure(.badRequest, code: "INVALID_DATE", "Invalid date")
        }
        let reports = organization.reporting(on: bucket)
        var rows = [JSONValue]()
        for node in organization.nodes(of: bucket) {
            guard let stats = reports.day(day, of: node, now: call.now) else { continue }
            let row = row(node, stats, dialect)
            for _ in 0...(bucket.extraNodeRows[node.ip] ?? 0) { rows.append(row) }
        }
        return .ok(.object([.init("success", true), .init("nodeStats", .array(rows))]))
    }

    private static func row(_ node: SimulatedNode, _ day: NodeReports.Day, _ dialect: APIDialect) -> JSONValue {
        let statusName = dialect.nodeStatusName == .documented ? "node_status" : dialect.nodeStatusName.rawValue
        let updatedName = dialect.lastUpdatedName == .documented ? "last_updated" : dialect.lastUpdatedName.rawValue
        return .object([
            .init("ip", .string(node.ip)), .init(dialect.hostName.rawValue, .string(node.host)),
            .init(dialect.uptimeName.rawValue, .number(day.uptimePercentage)),
            .init("avg_latency_ms", .number(day.averageLatencyMilliseconds)), .init("version", .string(node.version)),
            .init(statusName, .string(day.report.word(dialect))),
            .init(updatedName, dialect.time(day.report.lastUpdated)),
            .init("last_latency_ms", .integer(day.report.latencyMilliseconds)),
        ])
    }
}

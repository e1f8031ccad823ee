/// GET /bucket/{bucketId}/status: the latest report of every node. The response has no `success` field.
enum BucketStatus {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        let bucket: StoredBucket
        switch call.bucket(in: organization) {
        case .success(let found): bucket = found
        case .failure(let refusal): return refusal.answer
        }
        let reports = organization.reporting(on: bucket)
        var rows = [JSONValue]()
        for node in organization.nodes(of: bucket) {
            let row = row(node, reports.report(of: node, at: call.now), dialect)
            for _ in 0...(bucket.extraNodeRows[node.ip] ?? 0) { rows.append(row) }
        }
        return .ok(
            .object([.init(dialect.bucketIDName.rawValue, .string(bucket.id)), .init("nodeStatus", .array(rows))]))
    }

    private static func row(_ node: SimulatedNode, _ report: NodeReports.Report, _ dialect: APIDialect) -> JSONValue {
        let statusName = dialect.nodeStatusName == .documented ? "status" : dialect.nodeStatusName.rawValue
        let updatedName = dialect.lastUpdatedName == .documented ? "lastUpdated" : dialect.lastUpdatedName.rawValue
        var members: [JSONValue.Member] = [
            .init("ip", .string(node.ip)), .init("region", .string(node.region)), .init("version", .string(node.version)),
            .init(statusName, .string(report.word(dialect))),
        ]
        if let latency = latency(report, dialect) { members.append(.init(dialect.latencyName.rawValue, latency)) }
        members.append(.init(updatedName, dialect.time(report.lastUpdated)))
        return .object(members)
    }

    private static func latency(_ report: NodeReports.Report, _ dialect: APIDialect) -> JSONValue? {
        switch dialect.optionalFields {
        case .missing: return nil
        case .null: return .null
        case .present: break
        }
        let isDown = report.status == .offline || report.status == .disconnected
        switch dialect.latencyWhenDown {
        case .missing where isDown: return nil
        case .null where isDown: return .null
        default: return .integer(report.latencyMilliseconds)
        }
    }
}

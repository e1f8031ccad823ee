internal import HTTPTypes

/// GET /stats/nodes/minute and GET /stats/nodes/daily: the nodes' reports on the buckets in `bucketId` or `unitId`
/// (comma-separated), or on all.
///
/// Neither has its own page; the parameters and fields are from the TypeScript client, which does not show what happens with an unknown or
/// forbidden identifier: here it is omitted.
enum NodeStatistics {
    /// The longest range of days that a request may ask for.
    private static let maximumDays: Int64 = 366

    // MARK: Latest reports

    static func latest(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        var rows = [JSONValue]()
        for bucket in buckets(call, organization) {
            let reports = organization.reporting(on: bucket)
            for node in organization.nodes(of: bucket) {
                let report = reports.report(of: node, at: call.now)
                let row = JSONValue.object(
                    identity(of: bucket, node, dialect) + [
                        .init(
                            dialect.nodeStatusName == .documented ? "nodeStatus" : dialect.nodeStatusName.rawValue,
                            .string(report.word(dialect))),
                        .init(
                            dialect.lastUpdatedName == .documented ? "lastUpdated" : dialect.lastUpdatedName.rawValue,
                            dialect.time(report.lastUpdated)),
                    ] + latency(report, dialect))
                for _ in 0...(bucket.extraNodeRows[node.ip] ?? 0) { rows.append(row) }
            }
        }
        return .ok(.object([.init("success", true), .init("data", .array(rows))]))
    }

    private static func latency(_ report: NodeReports.Report, _ dialect: APIDialect) -> [JSONValue.Member] {
        switch dialect.optionalFields {
        case .missing: return []
        case .null: return [.init(dialect.latencyName.rawValue, .null)]
        case .present: break
        }
        let isDown = report.status == .offline || report.status == .disconnected
        switch dialect.latencyWhenDown {
        case .missing where isDown: return []
        case .null where isDown: return [.init(dialect.latencyName.rawValue, .null)]
        default:
            let latency = number(Double(report.latencyMilliseconds), dialect)
            return [.init(dialect.latencyName.rawValue, latency)]
        }
    }

    // MARK: Days

    static func daily(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        let today = call.now.day
        guard let first = day(call.query["startDate"], otherwise: today), let last = day(call.query["endDate"], otherwise: first),
            first <= last, last - first < maximumDays
        else { return .failure(.badRequest, code: "INVALID_DATE", "Invalid date") }
        var rows = [JSONValue]()
        for bucket in buckets(call, organization) {
            let reports = organization.reporting(on: bucket)
            for day in first...last {
                for node in organization.nodes(of: bucket) {
                    guard let statistics = reports.day(day, of: node, now: call.now) else { continue }
                    let row = row(bucket, node, day, statistics, dialect)
                    for _ in 0...(bucket.extraNodeRows[node.ip] ?? 0) { rows.append(row) }
                }
            }
        }
        return .ok(.object([.init("success", true), .init("data", .array(rows))]))
    }

    private static func row(
        _ bucket: StoredBucket, _ node: SimulatedNode, _ day: Int64, _ statistics: NodeReports.Day, _ dialect: APIDialect
    ) -> JSONValue {
        var members = identity(of: bucket, node, dialect)
        let start = Timestamp.startOfDay(day)
        let dayField: Int64 =
            switch dialect.dayForm {
            case .digits: digits(of: start)
            case .seconds: start.seconds
            case .milliseconds: start.milliseconds
            }
        members += [
            .init("day", number(Double(dayField), dialect)),
            .init(
                dialect.uptimeName == .percentUptime ? "online" : dialect.uptimeName.rawValue,
                number(statistics.uptimePercentage, dialect)),
            .init(dialect.latencyName.rawValue, number(statistics.averageLatencyMilliseconds, dialect)),
        ]
        let provider = node.host.split(separator: ".")[0].split(separator: "-").last.map(String.init) ?? ""
        let optional: [(String, String)] = [
            (dialect.hostName == .host ? "endpoint" : dialect.hostName.rawValue, node.host), ("region", node.region),
            ("storageType", bucket.storageType.word(dialect)), ("provider", provider),
            ("status", statistics.report.word(dialect)), ("version", node.version),
        ]
        switch dialect.optionalFields {
        case .present: members += optional.map { .init($0.0, .string($0.1)) }
        case .null: members += optional.map { .init($0.0, .null) }
        case .missing: break
        }
        return .object(members)
    }

    /// The day of a date parameter: decimal digits without leading zero, as the client sends them, or an ISO 8601 date.
    private static func day(_ text: String?, otherwise other: Int64) -> Int64? {
        guard let text else { return other }
        guard let digits = Int64(text) else { return Timestamp(iso8601: text)?.day }
        guard (1...31_129_999).contains(digits) else { return nil }
        func padded(_ number: Int64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let (year, month, day) = (digits % 10_000, digits / 10_000 % 100, digits / 1_000_000)
        return Timestamp(iso8601: "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))")?.day
    }

    private static func digits(of time: Timestamp) -> Int64 {
        let parts = time.iso8601().prefix(10).split(separator: "-").compactMap { Int64($0) }
        return parts[2] * 1_000_000 + parts[1] * 10_000 + parts[0]
    }

    // MARK: Both

    private static func buckets(_ call: IncomingRequest, _ organization: Organization) -> [StoredBucket] {
        func isGiven(_ bucket: StoredBucket) -> Bool {
            call.maySee(bucket) && !bucket.isForbidden && !bucket.isOmittedFromStatistics
        }
        guard let ids = call.query["bucketId"] ?? call.query["unitId"] else {
            return organization.liveBuckets.filter(isGiven)
        }
        var seen: Set<Substring> = []
        return ids.split(separator: ",").filter { seen.insert($0).inserted }.compactMap { organization[String($0)] }
            .filter(isGiven)
    }

    private static func identity(
        of bucket: StoredBucket, _ node: SimulatedNode, _ dialect: APIDialect
    ) -> [JSONValue.Member] {
        let bucketID = JSONValue.Member(dialect.bucketIDName.rawValue, .string(bucket.id))
        return switch dialect.nodeIDForm {
        case .address: [.init("nodeId", .string(node.ip)), bucketID]
        case .identifier: [.init("nodeId", .string("node-\(node.number + 1)")), bucketID]
        case .number: [.init("nodeId", .integer(Int64(node.number + 1))), bucketID]
        case .identifierAndAddress:
            [.init("nodeId", .string("node-\(node.number + 1)")), .init("ip", .string(node.ip)), bucketID]
        }
    }

    private static func number(_ value: Double, _ dialect: APIDialect) -> JSONValue {
        guard dialect.statisticsKind == .string else { return .number(value) }
        return .string(Int64(exactly: value).map { "\($0)" } ?? "\(value)")
    }
}

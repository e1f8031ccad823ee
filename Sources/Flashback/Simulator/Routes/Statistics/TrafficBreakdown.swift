internal import HTTPTypes

/// GET /v2/stats/storage/breakdown/nodes and …/buckets: the traffic within a window, in pages of `limit` entities from `offset`.
///
/// The simulation serves the scope of the organization and the window of 24 hours only. An entity's name is the bucket's name or the
/// pattern of the node's hosts: the visible documents show neither names nor identifiers.
enum TrafficBreakdown {
    /// One node or bucket.
    private struct Entity {
        let id: String
        let name: String
        var traffic = SimulatedTotals()
        var latencyMilliseconds = 0.0
    }

    static func byBucket(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        page("bucket", call, dialect) {
            organization.liveBuckets.filter(call.maySee).map { bucket in
                Entity(
                    id: bucket.id, name: bucket.name, traffic: organization.trafficOfDay(of: bucket, at: call.now),
                    latencyMilliseconds: organization.averageLatency(of: bucket, at: call.now))
            }
        }
    }

    /// A bucket's traffic is divided equally among its nodes.
    static func byNode(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        page("node", call, dialect) {
            var entities = organization.nodes.map { Entity(id: $0.ip, name: $0.host) }
            let indexes = Dictionary(uniqueKeysWithValues: entities.indices.map { (entities[$0].id, $0) })
            for bucket in organization.liveBuckets where call.maySee(bucket) {
                let traffic = organization.trafficOfDay(of: bucket, at: call.now)
                let nodes = organization.nodes(of: bucket)
                let count = Int64(max(nodes.count, 1))
                let share = SimulatedTotals(
                    count: traffic.count / count, uploadBytes: traffic.uploadBytes / count,
                    downloadBytes: traffic.downloadBytes / count, sizeChange: traffic.sizeChange / count)
                for index in nodes.compactMap({ indexes[$0.ip] }) { entities[index].traffic += share }
            }
            for index in entities.indices where entities[index].traffic.count > 0 {
                entities[index].latencyMilliseconds = 20.5 + Double(index)
            }
            return entities
        }
    }

    private static func page(
        _ kind: String, _ call: IncomingRequest, _ dialect: APIDialect, _ entities: () -> [Entity]
    ) -> Answer {
        guard call.query["scope"] == "org" else {
            return .failure(.badRequest, code: "INVALID_SCOPE", "scope must be org, the only one that is simulated")
        }
        guard call.query["window"] == "24h" else {
            return .failure(.badRequest, code: "INVALID_WINDOW", "window must be 24h, the only one that is simulated")
        }
        let limit = call.query["limit"].map { Int($0) } ?? dialect.maximumTrafficPageRows
        let offset = call.query["offset"].map { Int($0) } ?? 0
        guard let limit, limit > 0, let offset, offset >= 0 else {
            return .failure(.badRequest, code: "INVALID_PAGE", "limit and offset must be numbers")
        }
        let all = entities()
        let shown = all.dropFirst(offset).prefix(min(limit, dialect.maximumTrafficPageRows))
        let start = Timestamp(milliseconds: call.now.milliseconds - Timestamp.millisecondsPerDay)
        var meta: [JSONValue.Member] = [
            .init("start", dialect.time(start)), .init("end", dialect.time(call.now)), .init("scope", "org"),
            .init("window", "24h"), .init("timeBucketSize", "10m"), .init("breakdownBy", .string(kind)),
            .init("includesSeries", false), .init("limit", .integer(Int64(limit))), .init("offset", .integer(Int64(offset))),
        ]
        if !dialect.omitsTotalEntities { meta.append(.init("totalEntities", .integer(Int64(all.count)))) }
        let rows = shown.map { entity in
            JSONValue.object([
                .init("entityId", .string(entity.id)), .init("entityName", .string(entity.name)),
                .init("totals", totals(entity, dialect)),
            ])
        }
        return .ok(
            .object([
                .init("success", true), .init("meta", .object(meta)),
                .init("summary", .object([.init("total", .integer(all.reduce(0) { $0 + $1.traffic.count }))])),
                .init("entities", .array(rows)),
            ]))
    }

    private static func totals(_ entity: Entity, _ dialect: APIDialect) -> JSONValue {
        let names =
            switch dialect.trafficNames {
            case .camelCase: ("uplBytes", "dwlBytes", "sizeChange", "requests")
            case .snakeCase: ("upl_bytes", "dwl_bytes", "size_change", "requests")
            case .total: ("totalUploadBytes", "totalDownloadBytes", "totalSizeChange", "totalCount")
            }
        func sum(_ number: Int64) -> JSONValue {
            dialect.trafficKind == .string ? .string(String(number)) : .integer(number)
        }
        let traffic = entity.traffic
        return .object([
            .init(names.0, sum(traffic.uploadBytes)), .init(names.1, sum(traffic.downloadBytes)),
            .init(names.2, sum(traffic.sizeChange)),
            .init(dialect.nodeLatencyName.rawValue, .number(entity.latencyMilliseconds)), .init(names.3, sum(traffic.count)),
        ])
    }
}

extension Organization {
    /// A bucket's traffic within the last 24 hours.
    fileprivate func trafficOfDay(of bucket: StoredBucket, at time: Timestamp) -> SimulatedTotals {
        if bucket.isIll { return SimulatedTotals() }
        let traffic = Traffic(random: random)
        let start = Timestamp(milliseconds: time.milliseconds - Timestamp.millisecondsPerDay)
        return traffic.totals(of: bucket.number, since: bucket.createdAt, at: time)
            - traffic.totals(of: bucket.number, since: bucket.createdAt, at: start)
    }

    /// The average of the nodes' latest probes, in milliseconds.
    fileprivate func averageLatency(of bucket: StoredBucket, at time: Timestamp) -> Double {
        let reports = reporting(on: bucket)
        let latencies = nodes(of: bucket).map { Double(reports.report(of: $0, at: time).latencyMilliseconds) }
        guard !latencies.isEmpty else { return 0 }
        return (latencies.reduce(0, +) / Double(latencies.count) * 100).rounded() / 100
    }
}

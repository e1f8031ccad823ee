internal import HTTPTypes

/// GET /node: the bridge nodes that offer all services in the bits of `nodeServices`. The page requires the parameter, but older
/// guides omit it.
enum ListNodes {
    /// The services that the simulated nodes offer: storage only.
    private static let services: Int64 = 1

    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        guard let wanted = Int64(call.query["nodeServices"] ?? "0") else {
            return .failure(.badRequest, code: "INVALID_PARAMETER", "nodeServices must be a number")
        }
        let nodes = wanted & services == wanted ? organization.nodes : []
        let rows = nodes.map { row($0, organization, dialect, now: call.now) }
        switch dialect.nodeList {
        case .array: return .ok(.array(rows))
        case .envelope:
            return .ok(
                .object([.init("success", true), .init("data", .array(rows)), .init("total", .integer(Int64(rows.count)))]))
        }
    }

    private static func row(
        _ node: SimulatedNode, _ organization: Organization, _ dialect: APIDialect, now: Timestamp
    ) -> JSONValue {
        let report = organization.report(of: node, at: now)
        let statusName = dialect.nodeStatusName == .documented ? "status" : dialect.nodeStatusName.rawValue
        let updatedName = dialect.lastUpdatedName == .documented ? "lastUpdated" : dialect.lastUpdatedName.rawValue
        let word = report.status == .online ? dialect.onlineNodeWord.rawValue : report.word(dialect)
        var members: [JSONValue.Member] = [
            .init("ip", .string(node.ip)), .init("region", .string(node.region)), .init("version", .string(node.version)),
            .init(statusName, .string(word)),
        ]
        switch dialect.optionalFields {
        case .present: members.append(.init(dialect.nodeLatencyName.rawValue, .integer(report.latencyMilliseconds)))
        case .null: members.append(.init(dialect.nodeLatencyName.rawValue, .null))
        case .missing: break
        }
        members.append(.init(updatedName, dialect.time(report.lastUpdated)))
        let url = "https://s3" + node.host.drop { $0 == "*" }
        members.append(.init(dialect.nodeAddressName.rawValue, .string(url)))
        members.append(.init("nodeServices", .integer(services)))
        return .object(members)
    }
}

extension Organization {
    /// The bucket number for computing a node's own latency; no bucket has it.
    private static let noBucket = 999_999_999

    /// A node's own latest report: OFFLINE when the schedule has it down for all buckets, unless a test sets its status.
    fileprivate func report(of node: SimulatedNode, at time: Timestamp) -> NodeReports.Report {
        let schedule = NodeSchedule(random: random)
        let override = nodeStatusOverrides[node.ip].flatMap { $0.since <= time ? $0 : nil }
        var status: NodeStatus? = .online
        var reported = time
        if let override {
            status = NodeStatus(rawValue: override.word)
            if status == .offline { reported = override.since }
        } else if let outage = schedule.outage(of: node.number, at: time) {
            status = .offline
            reported = Timestamp(milliseconds: outage.start.milliseconds - 1)
        }
        let lastUpdated = schedule.report(of: node.number, before: reported)
        return NodeReports.Report(
            status: status, orderedWord: status == nil ? override?.word : nil, lastUpdated: lastUpdated,
            latencyMilliseconds: Latency(random: random).measured(by: node.number, for: Self.noBucket, at: lastUpdated))
    }
}

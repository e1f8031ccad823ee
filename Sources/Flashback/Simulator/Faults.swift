internal import HTTPServer
internal import HTTPTypes
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A fault that a test can inject.
package enum SimulatedFault: Sendable {
    /// The request is accepted but never answered; it ends when the client disconnects.
    case hang
    /// An error status with an error body. `retryAfter` is sent unchanged as the Retry-After header field.
    case status(Int, envelope: ErrorEnvelope? = nil, retryAfter: String? = nil)
    /// 502 with a proxy's HTML page.
    case badGatewayPage
    /// The first half of the normal response, sent as if it were complete.
    case truncatedJSON
    /// The normal response with values of the wrong kind: each string, number, boolean and null is wrapped in an array. If names
    /// are given, only those fields are changed, and an array or object among them becomes a string.
    case wrongTypes(fields: Set<String> = [])
    /// The given status without a body.
    case emptyBody(status: Int = 200)
    /// 200 with `"success": false` and a message.
    case unsuccessful
    /// The head and half of the body of the normal response, then the connection is closed.
    case brokenOff
    /// The normal response, delayed. Delays are cumulative and can be combined with any other fault.
    case delay(Duration)
    /// Exactly these bytes, which need be neither JSON nor UTF-8.
    case body([UInt8], status: Int = 200, contentType: String = "application/json; charset=utf-8")
}

/// The injected faults in the order in which they were added. The first one that matches a request is applied.
struct FaultRules: Sendable {
    private struct Rule: Sendable {
        let id: Int
        let fault: SimulatedFault
        let endpoint: SimulatedEndpoint?
        let bucketID: String?
        var remaining: Int?
    }

    private var rules: [Rule] = []
    private var lastID = 0

    mutating func add(_ fault: SimulatedFault, _ endpoint: SimulatedEndpoint?, _ bucketID: String?, times: Int?) -> Int {
        lastID += 1
        rules.append(Rule(id: lastID, fault: fault, endpoint: endpoint, bucketID: bucketID, remaining: times))
        return lastID
    }

    mutating func remove(_ id: Int) { rules.removeAll { $0.id == id } }

    mutating func removeAll() { rules = [] }

    /// How many more requests the fault affects; nil for no limit, 0 when it is used up or removed.
    func remaining(_ id: Int) -> Int? {
        guard let rule = rules.first(where: { $0.id == id }) else { return 0 }
        return rule.remaining
    }

    /// The delay and the fault for a request, each of which is counted.
    mutating func take(_ endpoint: SimulatedEndpoint, _ bucketID: String?) -> (delay: Duration, fault: SimulatedFault?) {
        var delay = Duration.zero
        var fault: SimulatedFault?
        for index in rules.indices where fits(rules[index], endpoint, bucketID) {
            if case .delay(let more) = rules[index].fault {
                delay += more
            } else if fault == nil {
                fault = rules[index].fault
            } else {
                continue
            }
            rules[index].remaining = rules[index].remaining.map { $0 - 1 }
        }
        return (delay, fault)
    }

    private func fits(_ rule: Rule, _ endpoint: SimulatedEndpoint, _ bucketID: String?) -> Bool {
        (rule.endpoint == nil || rule.endpoint == endpoint) && (rule.bucketID == nil || rule.bucketID == bucketID)
            && rule.remaining != 0
    }
}

extension FlashbackSimulation {
    /// The injected faults, which may be changed at any time.
    package var faults: Faults { Faults(state: state) }

    /// Adds and removes injected faults.
    package struct Faults: Sendable {
        let state: NIOLockedValueBox<SimulationState>

        /// Identifies an injected fault.
        package struct ID: Sendable, Hashable {
            let number: Int
        }

        /// Adds a fault after the existing ones. The first one that matches a request is applied and counted.
        /// - Parameters:
        ///   - endpoint: the only endpoint affected; nil for all.
        ///   - bucketID: the only bucket whose own endpoints are affected; nil for all.
        ///   - times: the number of requests affected; nil for all until the fault is removed.
        @discardableResult
        package func add(
            _ fault: SimulatedFault, to endpoint: SimulatedEndpoint? = nil, bucket bucketID: String? = nil, times: Int? = nil
        ) -> ID {
            ID(number: state.withLockedValue { $0.faults.add(fault, endpoint, bucketID, times: times) })
        }

        package func remove(_ id: ID) {
            state.withLockedValue { $0.faults.remove(id.number) }
        }

        package func removeAll() {
            state.withLockedValue { $0.faults.removeAll() }
        }

        /// How many more requests a fault affects: nil for no limit, 0 when it is used up or removed.
        package func remaining(_ id: ID) -> Int? {
            state.withLockedValue { $0.faults.remaining(id.number) }
        }
    }
}

extension SimulatedFault {
    /// The response that replaces the normal one; nil if the fault modifies the normal one.
    func replacement(_ dialect: APIDialect) -> ListenerResponse? {
        switch self {
        case .status(let code, let envelope, let retryAfter):
            let status = HTTPResponse.Status(code: code)
            var fields: HTTPFields = [:]
            fields[.retryAfter] = retryAfter
            let body = (envelope ?? dialect.errorEnvelope).body(code: "SIMULATED_\(code)", message: "Simulated failure \(code)")
            return .json(body, status: status, headerFields: fields)
        case .badGatewayPage:
            let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n"
            return ListenerResponse(status: .badGateway, headerFields: [.contentType: "text/html"], body: [Array(page.utf8)])
        case .emptyBody(let code): return ListenerResponse(status: .init(code: code))
        case .unsuccessful: return .json(dialect.errorEnvelope.body(code: "SIMULATED", message: "Simulated failure"))
        case .body(let bytes, let code, let contentType):
            return ListenerResponse(status: .init(code: code), headerFields: [.contentType: contentType], body: [bytes])
        case .hang, .truncatedJSON, .wrongTypes, .brokenOff, .delay: return nil
        }
    }

    /// The normal response modified by the fault.
    func spoil(_ answer: Answer, _ envelope: ErrorEnvelope) -> ListenerResponse {
        switch self {
        case .truncatedJSON:
            var response = answer.response(envelope)
            response.body = response.body.compactMap {
                $0.bytes.getSlice(at: 0, length: $0.byteCount / 2).map { ResponsePiece($0) }
            }
            return response
        case .wrongTypes(let fields):
            let value = answer.json(envelope).withWrongTypes(fields)
            return .json(value, status: answer.status, headerFields: answer.headerFields)
        case .brokenOff:
            var response = answer.response(envelope)
            response.ending = .brokenOff
            return response
        default: return answer.response(envelope)
        }
    }
}

extension JSONValue {
    fileprivate func withWrongTypes(_ fields: Set<String>, named name: String? = nil) -> JSONValue {
        let isMeant = name.map(fields.contains) ?? false
        switch self {
        case .array(let elements):
            return isMeant ? "unexpected" : .array(elements.map { $0.withWrongTypes(fields) })
        case .object(let members):
            if isMeant { return "unexpected" }
            return .object(members.map { Member($0.name, $0.value.withWrongTypes(fields, named: $0.name)) })
        default:
            return fields.isEmpty || isMeant ? .array([self]) : self
        }
    }
}

internal import HTTPServer
internal import HTTPTypes
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A way in which the simulated API fails when a test orders it.
package enum SimulatedFault: Sendable {
    /// The request is taken and never answered; it ends when the client goes.
    case hang
    /// An error status with an error's body. `retryAfter` becomes the header field of that name, as it is.
    case status(Int, envelope: ErrorEnvelope? = nil, retryAfter: String? = nil)
    /// 502 with a proxy's HTML page.
    case badGatewayPage
    /// The proper answer without its second half, as if it were whole.
    case truncatedJSON
    /// The proper answer with values of the wrong kind: each string, number, boolean and null becomes an array that holds it.
    /// With names given, only the fields of those names, and an array or object among them becomes a string.
    case wrongTypes(fields: Set<String> = [])
    /// The given status without a body.
    case emptyBody(status: Int = 200)
    /// 200 with `"success": false` and a message.
    case unsuccessful
    /// The proper answer's head and half of its body, then the connection is closed.
    case brokenOff
    /// The proper answer, later than it would be. Delays add up, and go together with any other fault.
    case delay(Duration)
    /// Exactly these bytes, which need not be JSON nor UTF-8.
    case body([UInt8], status: Int = 200, contentType: String = "application/json; charset=utf-8")
}

/// The faults that a test ordered, in the order of their being ordered. Of those that fit a request, the first is shown.
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

    /// How many more requests the fault meets; nil when it stays until it is removed, 0 when it is spent or removed.
    func remaining(_ id: Int) -> Int? {
        guard let rule = rules.first(where: { $0.id == id }) else { return 0 }
        return rule.remaining
    }

    /// The delay and the fault for a request, each counted as shown.
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
    /// The faults that are ordered, changeable while requests are under way.
    package var faults: Faults { Faults(state: state) }

    /// Orders faults and takes the orders back.
    package struct Faults: Sendable {
        let state: NIOLockedValueBox<SimulationState>

        /// An order.
        package struct ID: Sendable, Hashable {
            let number: Int
        }

        /// Orders a fault after those ordered before. Of several that fit a request the first is shown, and counted.
        /// - Parameters:
        ///   - endpoint: the only endpoint that fails so; nil for all.
        ///   - bucketID: the only bucket whose own endpoints fail so; nil for all.
        ///   - times: how many requests fail so; nil for all until the order is taken back.
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

        /// How many more requests an order is for: nil when for all, 0 when it is spent or was taken back.
        package func remaining(_ id: ID) -> Int? {
            state.withLockedValue { $0.faults.remaining(id.number) }
        }
    }
}

extension SimulatedFault {
    /// The answer in place of the proper one; nil when the proper one is needed for it.
    func replacement(_ spelling: APISpelling) -> ListenerResponse? {
        switch self {
        case .status(let code, let envelope, let retryAfter):
            let status = HTTPResponse.Status(code: code)
            var fields: HTTPFields = [:]
            fields[.retryAfter] = retryAfter
            let body = (envelope ?? spelling.errorEnvelope).body(code: "SIMULATED_\(code)", message: "Simulated failure \(code)")
            return .json(body, status: status, headerFields: fields)
        case .badGatewayPage:
            let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n"
            return ListenerResponse(status: .badGateway, headerFields: [.contentType: "text/html"], body: [Array(page.utf8)])
        case .emptyBody(let code): return ListenerResponse(status: .init(code: code))
        case .unsuccessful: return .json(spelling.errorEnvelope.body(code: "SIMULATED", message: "Simulated failure"))
        case .body(let bytes, let code, let contentType):
            return ListenerResponse(status: .init(code: code), headerFields: [.contentType: contentType], body: [bytes])
        case .hang, .truncatedJSON, .wrongTypes, .brokenOff, .delay: return nil
        }
    }

    /// The proper answer with the fault done to it.
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

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

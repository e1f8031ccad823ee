internal import HTTPListener
internal import HTTPTypes
internal import NIOCore

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

internal import HTTPListener
internal import HTTPTypes

/// What an endpoint answers, before it is spelt.
struct Answer {
    enum Content {
        case json(JSONValue)
        case failure(code: String, message: String)
    }

    var status: HTTPResponse.Status
    var content: Content
    var headerFields: HTTPFields = [:]

    static func ok(_ value: JSONValue) -> Answer { Answer(status: .ok, content: .json(value)) }

    static func failure(
        _ status: HTTPResponse.Status, code: String, _ message: String, headerFields: HTTPFields = [:]
    ) -> Answer {
        Answer(status: status, content: .failure(code: code, message: message), headerFields: headerFields)
    }

    static let bucketNotFound = failure(.notFound, code: "NOT_FOUND", "Bucket or user not found")
    static let forbidden = failure(.forbidden, code: "FORBIDDEN", "Insufficient permissions")

    func json(_ envelope: ErrorEnvelope) -> JSONValue {
        switch content {
        case .json(let value): value
        case .failure(let code, let message): envelope.body(code: code, message: message)
        }
    }

    func response(_ envelope: ErrorEnvelope) -> ListenerResponse {
        .json(json(envelope), status: status, headerFields: headerFields)
    }
}

extension ListenerResponse {
    static func json(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, headerFields: HTTPFields = [:]
    ) -> ListenerResponse {
        var fields = headerFields
        fields[.contentType] = "application/json; charset=utf-8"
        return ListenerResponse(status: status, headerFields: fields, body: [value.bytes])
    }
}

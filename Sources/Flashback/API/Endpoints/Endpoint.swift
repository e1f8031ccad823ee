package import HTTPTypes

/// One endpoint of the API: how it is asked and how its answer is read.
package protocol Endpoint: Sendable {
    /// What a successful answer is read into.
    associatedtype Answer: Sendable

    /// The method and the path as the documentation writes them, such as `GET /bucket/{bucketId}/status`.
    static var name: EndpointName { get }

    /// How long an answer may be.
    static var limits: AnswerLimits { get }

    /// The path's segments, not yet percent-encoded.
    var path: [String] { get }
    /// The query's parameters, not yet percent-encoded.
    var query: [(name: String, value: String)] { get }
    /// The body's bytes, JSON; nil sends none.
    var body: [UInt8]? { get }

    /// Reads the body of an answer with a 2xx status.
    func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Answer
}

extension Endpoint {
    package var query: [(name: String, value: String)] { [] }
    package var body: [UInt8]? { nil }
}

/// The most that an endpoint's answer may be. What sends more is no API that counts buckets and nodes, and would only cost memory.
package struct AnswerLimits: Sendable, Hashable {
    /// The longest body, after decompression.
    package let bytes: Int
    /// The most rows of its list.
    package let rows: Int

    /// A list of all buckets with what describes them. A hundred thousand buckets are the largest account that is provided for, and
    /// half a kilobyte is a long row. Three lists of the account are in flight at a time, which is what bounds them.
    static let descriptions = AnswerLimits(bytes: 64 * 1024 * 1024, rows: 131_072)
    /// A list of all buckets with little more than their identifiers and numbers.
    static let numbers = AnswerLimits(bytes: 32 * 1024 * 1024, rows: 131_072)
    /// What the nodes say of one bucket: some dozens of nodes are many, and a row has a quarter of a kilobyte.
    static let nodes = AnswerLimits(bytes: 256 * 1024, rows: 1024)
    /// Tokens, which are no rows.
    static let tokens = AnswerLimits(bytes: 64 * 1024, rows: 0)
}

/// An endpoint's name as the documentation writes it; it labels the metrics about requests and stands in errors.
package struct EndpointName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let method: HTTPRequest.Method
    /// The path with its parameters in braces.
    package let template: String

    package init(_ method: HTTPRequest.Method, _ template: String) {
        self.method = method
        self.template = template
    }

    package var description: String { "\(method.rawValue) \(template)" }

    package static func < (left: EndpointName, right: EndpointName) -> Bool {
        left.description < right.description
    }
}

/// What a request asks, whatever token it carries.
struct Question: Sendable, Hashable {
    let name: EndpointName
    let url: String
    let body: [UInt8]?
    /// The longest answer that is taken.
    let maximumResponseBytes: Int

    init<Asked: Endpoint>(_ endpoint: Asked, at baseURL: APIBaseURL) {
        name = Asked.name
        url = baseURL.url(path: endpoint.path, query: endpoint.query)
        body = endpoint.body
        maximumResponseBytes = Asked.limits.bytes
    }
}

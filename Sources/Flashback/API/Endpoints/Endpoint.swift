package import HTTPTypes

/// One endpoint of the API: its request and how to decode its response.
package protocol Endpoint: Sendable {
    /// The decoded response.
    associatedtype Answer: Sendable

    /// The method and the path as documented, such as `GET /bucket/{bucketId}/status`.
    static var name: EndpointName { get }

    /// The maximum size of a response.
    static var limits: AnswerLimits { get }

    /// The path's segments, before percent-encoding.
    var path: [String] { get }
    /// The query parameters, before percent-encoding.
    var query: [(name: String, value: String)] { get }
    /// The JSON body; nil for none.
    var body: [UInt8]? { get }

    /// Whether a request may be sent again after a failure. False for an endpoint that does more than read.
    static var isRepeatable: Bool { get }

    /// Decodes the body of a 2xx response.
    func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Answer
}

extension Endpoint {
    package static var isRepeatable: Bool { true }
    package var query: [(name: String, value: String)] { [] }
    package var body: [UInt8]? { nil }
}

/// The maximum size of an endpoint's response. A larger one cannot be a plausible list and would only cost memory.
package struct AnswerLimits: Sendable, Hashable {
    /// The largest body in bytes, after decompression.
    package let bytes: Int
    /// The maximum number of rows in its list.
    package let rows: Int

    /// A list of all buckets with their descriptions. The largest supported account has a hundred thousand buckets, and half a
    /// kilobyte is a long row. Up to three of the account's lists are in flight at once, which limits the size.
    static let descriptions = AnswerLimits(bytes: 64 * 1024 * 1024, rows: 131_072)
    /// A list of all buckets with little more than identifiers and numbers.
    static let numbers = AnswerLimits(bytes: 32 * 1024 * 1024, rows: 131_072)
    /// The nodes' reports on one bucket: a few dozen nodes are many, and a row takes a quarter of a kilobyte.
    static let nodes = AnswerLimits(bytes: 256 * 1024, rows: 1024)
    /// All bridge nodes of the platform: a few hundred are many, and a row takes a third of a kilobyte.
    static let platformNodes = AnswerLimits(bytes: 4 * 1024 * 1024, rows: 8192)
    /// The nodes' reports on a batch of up to 200 buckets (``BucketBatch``): enough for 160 nodes per bucket on average.
    static let nodesOfBatch = AnswerLimits(bytes: 8 * 1024 * 1024, rows: 32_768)
    /// The quotas or the credits of an account: a few dozen rows are many.
    static let account = AnswerLimits(bytes: 256 * 1024, rows: 1024)
    /// All workspaces with their users: enough for some thousand workspaces with a hundred users each.
    static let workspaces = AnswerLimits(bytes: 64 * 1024 * 1024, rows: 16_384)
    /// Tokens; the response has no rows.
    static let tokens = AnswerLimits(bytes: 64 * 1024, rows: 0)
    /// The result of a bucket's validation; the response has no rows.
    static let validation = AnswerLimits(bytes: 64 * 1024, rows: 0)
}

/// An endpoint's name as documented; it labels the request metrics and appears in errors.
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

/// A request without its token.
struct Question: Sendable, Hashable {
    let name: EndpointName
    let url: String
    let body: [UInt8]?
    /// The largest accepted response, in bytes.
    let maximumResponseBytes: Int
    let isRepeatable: Bool

    init<Asked: Endpoint>(_ endpoint: Asked, at baseURL: APIBaseURL) {
        name = Asked.name
        url = baseURL.url(path: endpoint.path, query: endpoint.query)
        body = endpoint.body
        maximumResponseBytes = Asked.limits.bytes
        isRepeatable = Asked.isRepeatable
    }
}

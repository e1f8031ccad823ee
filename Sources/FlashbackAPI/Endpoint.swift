package import HTTPTypes

/// One endpoint of the API: how it is asked and how its answer is read.
package protocol Endpoint: Sendable {
    /// What a successful answer is read into.
    associatedtype Answer: Sendable

    /// The method and the path as the documentation writes them, such as `GET /bucket/{bucketId}/status`.
    static var name: EndpointName { get }

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

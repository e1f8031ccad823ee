internal import Basics
package import HTTPTypes

/// A complete request with its body.
package struct ListenerRequest: Sendable {
    /// Method, target and header fields. The path is always in origin form (RFC 9112 section 3.2.1).
    package let head: HTTPRequest
    package let body: [UInt8]

    package init(head: HTTPRequest, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }

    /// The target's path without the query, still percent-encoded.
    package var path: Substring {
        let target = head.path ?? "/"
        return target.prefix { $0 != "?" }
    }

    /// The part of the target after the first `?`, still percent-encoded; nil without a `?`.
    package var query: Substring? {
        guard let target = head.path, let mark = target.firstIndex(of: "?") else { return nil }
        return target[target.index(after: mark)...]
    }
}

/// The parameters of a request's query, decoded like a form (WHATWG URL, `application/x-www-form-urlencoded`).
package struct QueryParameters: Sendable {
    private var values: [String: [String]] = [:]

    package init(_ query: Substring?) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            values[PercentEncoding.decode(parts[0], plusIsSpace: true), default: []].append(value)
        }
    }

    /// A parameter's values in order; empty when it is missing.
    package subscript(name: String) -> [String] { values[name] ?? [] }
}

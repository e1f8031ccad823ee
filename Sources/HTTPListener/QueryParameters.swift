/// The parameters of a request's query, decoded as a form is (WHATWG URL, `application/x-www-form-urlencoded`).
package struct QueryParameters: Sendable {
    private var values: [String: [String]] = [:]

    package init(_ query: Substring?) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            values[PercentEncoding.decode(parts[0], plusIsSpace: true), default: []].append(value)
        }
    }

    /// The values of a parameter, in their order; none when it is not there.
    package subscript(name: String) -> [String] { values[name] ?? [] }
}

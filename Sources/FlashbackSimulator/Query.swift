internal import HTTPListener

/// The parameters of a request's query as the API takes them. Of a name that is there twice, the first counts.
struct Query {
    private let parameters: QueryParameters

    init(_ text: Substring?) {
        parameters = QueryParameters(text)
    }

    /// The value of a parameter. An empty one is taken as absent, and so is the word `undefined`, which the TypeScript client
    /// sends for a parameter that was not given.
    subscript(name: String) -> String? {
        guard let value = parameters[name].first, !value.isEmpty, value != "undefined" else { return nil }
        return value
    }
}

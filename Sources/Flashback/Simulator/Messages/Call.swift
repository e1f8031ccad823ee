internal import FoundationEssentials
internal import HTTPServer

/// A request that an endpoint is to answer, its access settled.
struct Call {
    /// Percent-decoded; empty for an endpoint that has none.
    let bucketID: String
    let query: Query
    let body: [UInt8]
    /// The workspaces that the user is a member of; nil for a user with global access.
    let workspaces: Set<String>?
    /// The `Bearer` token that was sent, holding or not.
    let token: String?
    let now: Timestamp

    /// Reads the body; nil when it is not JSON of that form.
    func body<Body: Decodable>(as type: Body.Type) -> Body? {
        try? JSONDecoder().decode(type, from: Data(body))
    }

    /// Whether the user may see a bucket.
    func maySee(_ bucket: Bucket) -> Bool {
        workspaces?.contains(bucket.workspaceID) ?? true
    }

    /// The bucket that the path names, or the answer that there is none or that it is forbidden.
    func bucket(in organization: Organization) -> Result<Bucket, Refusal> {
        guard let bucket = organization[bucketID] else { return .failure(Refusal(answer: .bucketNotFound)) }
        guard maySee(bucket), !bucket.isForbidden else { return .failure(Refusal(answer: .forbidden)) }
        return .success(bucket)
    }

    /// An answer that ends a call early.
    struct Refusal: Error {
        let answer: Answer
    }
}

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

internal import FoundationEssentials
internal import HTTPServer

/// A request to an endpoint, after its authorization.
struct IncomingRequest {
    /// Percent-decoded; empty for an endpoint without a bucket in its path.
    let bucketID: String
    let query: Query
    let body: [UInt8]
    /// The workspaces that the user is a member of; nil for a user with global access.
    let workspaces: Set<String>?
    /// The `Bearer` token of the request, valid or not.
    let token: String?
    let now: Timestamp

    /// Decodes the body; nil when it does not have the form of the type.
    func body<Body: Decodable>(as type: Body.Type) -> Body? {
        try? JSONDecoder().decode(type, from: Data(body))
    }

    /// Whether the user may see a bucket.
    func maySee(_ bucket: StoredBucket) -> Bool {
        workspaces?.contains(bucket.workspaceID) ?? true
    }

    /// The bucket in the path, or a response that says that it does not exist or is forbidden.
    func bucket(in organization: Organization) -> Result<StoredBucket, Rejection> {
        guard let bucket = organization[bucketID] else { return .failure(Rejection(answer: .bucketNotFound)) }
        guard maySee(bucket), !bucket.isForbidden else { return .failure(Rejection(answer: .forbidden)) }
        return .success(bucket)
    }

    /// A response that ends a call early.
    struct Rejection: Error {
        let answer: Answer
    }
}

/// The parameters of a request's query, interpreted as the API does. Of duplicates, the first one counts.
struct Query {
    private let parameters: QueryParameters

    init(_ text: Substring?) {
        parameters = QueryParameters(text)
    }

    /// A parameter's value. An empty value counts as missing, and so does the word `undefined`, which the TypeScript client sends
    /// for missing parameters.
    subscript(name: String) -> String? {
        guard let value = parameters[name].first, !value.isEmpty, value != "undefined" else { return nil }
        return value
    }
}

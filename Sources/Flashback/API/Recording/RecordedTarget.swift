internal import Basics
internal import HTTPTypes

/// The path and the query of a request, with pseudonyms for everything that is not one of the API's own words.
struct RecordedTarget {
    /// Query values other than numbers and these words are replaced with pseudonyms.
    private static let words: Set<String> = ["org", "24h", "7d", "30d", "90d", "180d", "365d", "1d"]
    private static let parameters: [String: Pseudonyms.Kind] = [
        "bucketId": .bucket, "workspaceId": .workspace, "repoId": .repository, "nodeServices": .other, "scope": .other,
        "window": .other, "timeBucketSize": .other, "limit": .other, "offset": .other, "startDate": .other, "endDate": .other,
    ]

    let endpoint: KnownEndpoint?
    let path: String
    let query: String

    /// - Parameter url: relative to the API's base URL.
    init(_ method: HTTPRequest.Method, _ url: Substring, _ pseudonyms: inout Pseudonyms) {
        let pathAndQuery = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let segments = (pathAndQuery.first ?? "").split(separator: "/")
        endpoint = KnownEndpoint.of(method, segments)
        var path = ""
        if let endpoint {
            for (template, segment) in zip(endpoint.name.template.split(separator: "/"), segments) {
                let isFixed = !template.hasPrefix("{")
                path += "/" + (isFixed ? String(template) : pseudonyms.pseudonym(of: PercentEncoding.decode(segment), .bucket))
            }
        } else {
            for segment in segments { path += "/" + pseudonyms.pseudonym(of: String(segment), .segment) }
        }
        self.path = path.isEmpty ? "/" : path
        query = pathAndQuery.dropFirst().first.map { Self.query($0, &pseudonyms) } ?? ""
    }

    private static func query(_ text: Substring, _ pseudonyms: inout Pseudonyms) -> String {
        var parameters: [String] = []
        for parameter in text.split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentEncoding.decode(parts.first ?? "", plusIsSpace: true)
            let value = PercentEncoding.decode(parts.dropFirst().first ?? "", plusIsSpace: true)
            guard let kind = Self.parameters[name] else {
                let unknown = pseudonyms.pseudonym(of: name, .field)
                parameters.append("\(unknown)=\(pseudonyms.pseudonym(of: value, .other))")
                continue
            }
            let isKept = kind == .other && (words.contains(value) || value.utf8.count <= 12 && HarmlessText.isNumber(value))
            let values = kind == .other ? [value[...]] : value.split(separator: ",", omittingEmptySubsequences: false)
            var written: [String] = []
            for value in values { written.append(isKept ? String(value) : pseudonyms.pseudonym(of: String(value), kind)) }
            parameters.append("\(name)=\(written.joined(separator: ",").percentEncoded)")
        }
        return parameters.joined(separator: "&")
    }
}

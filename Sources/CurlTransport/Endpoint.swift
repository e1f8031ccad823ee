/// The host and port of a URL, as error messages name them: without a user name or password, path or query.
struct Endpoint: CustomStringConvertible {
    /// `host` or `host:port`.
    let description: String
    let host: String

    init(of url: String) {
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let authority = afterScheme.prefix { !"/?#".contains($0) }
        let address = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        description = address.isEmpty ? "the server" : String(address)
        host = String(address.hasPrefix("[") ? address.dropFirst().prefix { $0 != "]" } : address.prefix { $0 != ":" })
    }
}

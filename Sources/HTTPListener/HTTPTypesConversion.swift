internal import HTTPTypes
internal import NIOHTTP1

extension HTTPRequest {
    /// The request that NIO's decoder read, its target brought into origin form; nil when its method or target is not valid.
    init?(_ head: HTTPRequestHead) {
        guard let method = Method(rawValue: head.method.rawValue) else { return nil }
        guard let target = Self.originForm(of: head.uri) else { return nil }
        self.init(
            method: method, scheme: nil, authority: head.headers.first(name: "Host"), path: target,
            headerFields: HTTPFields(head.headers))
    }

    /// A proxy is asked with the absolute form, and every server must take it (RFC 9112 section 3.2.2).
    private static func originForm(of target: String) -> String? {
        if target.hasPrefix("/") || target == "*" { return target }
        let lowercase = target.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowercase.hasPrefix($0) }) else { return nil }
        let rest = target.dropFirst(scheme.count).drop { $0 != "/" && $0 != "?" }
        return rest.hasPrefix("/") ? String(rest) : "/" + rest
    }
}

extension HTTPFields {
    /// The header fields that NIO's decoder read, without those whose name is not a token.
    init(_ headers: HTTPHeaders) {
        self.init()
        reserveCapacity(headers.count)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            append(HTTPField(name: name, value: value))
        }
    }
}

extension HTTPHeaders {
    init(_ fields: HTTPFields) {
        self.init()
        reserveCapacity(fields.count + 2)
        for field in fields { add(name: field.name.rawName, value: field.value) }
    }
}

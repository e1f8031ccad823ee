internal import Configuration
internal import HTTPTypes

/// The content of `http_server_config`.
struct HTTPServerSettings: Sendable {
    let offersHTTP2: Bool
    let headerFields: HTTPFields

    /// The configurable header fields, some with a fixed set of values.
    private enum Header: String, CaseIterable {
        case contentSecurityPolicy = "Content-Security-Policy"
        case frameOptions = "X-Frame-Options"
        case contentTypeOptions = "X-Content-Type-Options"
        case protection = "X-XSS-Protection"
        case transportSecurity = "Strict-Transport-Security"

        var allowed: [String]? {
            switch self {
            case .frameOptions: ["deny", "sameorigin"]
            case .contentTypeOptions: ["nosniff"]
            case .contentSecurityPolicy, .protection, .transportSecurity: nil
            }
        }
    }

    /// The defaults.
    init() {
        offersHTTP2 = true
        headerFields = [:]
    }

    init(_ node: YAMLNode) throws(YAMLError) {
        let fields = try YAMLFields(node, in: WebConfigurationKey.http.rawValue, keys: WebConfigurationKey.HTTP.self)
        offersHTTP2 = try fields[.http2].map { node throws(YAMLError) in try node.boolean(of: "http2") } ?? true
        headerFields = try fields[.headers].map(Self.headerFields) ?? [:]
    }

    private static func headerFields(_ node: YAMLNode) throws(YAMLError) -> HTTPFields {
        let values = try YAMLFields(node, in: "headers", keys: Header.self)
        var fields = HTTPFields()
        for header in Header.allCases {
            guard let node = values[header], let name = HTTPField.Name(header.rawValue) else { continue }
            let value = try node.text(of: header.rawValue)
            if value.isEmpty { continue }
            if let allowed = header.allowed, !allowed.contains(value) {
                throw YAMLError(at: node.position, "\(header.rawValue) must be \(allowed.joined(separator: " or "))")
            }
            guard HTTPField.isValidValue(value) else {
                throw YAMLError(
                    at: node.position, "\(header.rawValue) contains an invalid header character, such as a line break")
            }
            fields[name] = value
        }
        return fields
    }
}

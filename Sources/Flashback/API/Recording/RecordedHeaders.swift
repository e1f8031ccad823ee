internal import FlashbackRecording
internal import HTTPTypes

/// The response header fields that are recorded.
enum RecordedHeaders {
    private static let mediaTypes: Set<String> = [
        "application/json", "application/problem+json", "text/html", "text/plain", "application/octet-stream",
    ]

    static func of(_ fields: HTTPFields, _ pseudonyms: inout Pseudonyms) -> [RecordedExchange.Header] {
        var headers: [RecordedExchange.Header] = []
        for field in fields {
            let name = field.name.canonicalName
            guard let value = value(of: name, field.value, &pseudonyms) else { continue }
            headers.append(RecordedExchange.Header(name: name, value: value))
        }
        return headers
    }

    /// - Returns: nil for a field that is not recorded.
    private static func value(of name: String, _ value: String, _ pseudonyms: inout Pseudonyms) -> String? {
        switch name {
        case "content-type": return mediaType(value)
        case "retry-after": return isSeconds(value) || isHTTPDate(value) ? value : length(of: value)
        case "etag": return "\"\(pseudonyms.pseudonym(of: value, .etag))\""
        case "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-limit", "x-ratelimit-remaining",
            "x-ratelimit-reset":
            return isSeconds(value) ? value : length(of: value)
        default: return nil
        }
    }

    private static func mediaType(_ value: String) -> String {
        let parts = value.lowercased().split(separator: ";", maxSplits: 1)
        guard let type = parts.first.map({ $0.filter { $0 != " " } }), mediaTypes.contains(type) else { return length(of: value) }
        let isUTF8 = parts.dropFirst().first?.contains("utf-8") == true
        return isUTF8 ? "\(type); charset=utf-8" : type
    }

    private static func isSeconds(_ value: String) -> Bool {
        (1...12).contains(value.utf8.count) && value.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// `Mon, 15 Jan 2024 10:30:00 GMT`: RFC 9110 section 5.6.7.
    private static func isHTTPDate(_ value: String) -> Bool {
        value.wholeMatch(of: /[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT/) != nil
    }

    private static func length(of value: String) -> String { "<\(value.utf8.count) bytes>" }
}

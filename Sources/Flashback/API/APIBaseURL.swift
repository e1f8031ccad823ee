internal import Basics
internal import FoundationEssentials
internal import HTTPClient

/// The API's base URL; endpoint paths are appended to it.
package struct APIBaseURL: Sendable, Hashable, CustomStringConvertible {
    /// Without a trailing slash.
    package let description: String
    /// Whether the connection is plain text to another machine, so that the token can be read in transit.
    package let isExposed: Bool

    /// Parses an address such as `https://backend.flashback.tech`.
    /// - Throws: ``InvalidBaseURL``, whose description never repeats credentials.
    package init(parsing text: String) throws(InvalidBaseURL) {
        let lowercase = text.lowercased()
        guard let scheme = ["https", "http"].first(where: { lowercase.hasPrefix($0 + "://") }) else {
            throw InvalidBaseURL("the API's URL must begin with https:// or http://")
        }
        guard let components = URLComponents(string: text, encodingInvalidCharacters: false) else {
            throw InvalidBaseURL("the API's URL is malformed; write it like https://host:port/path, percent-encoded")
        }
        guard components.user == nil, components.password == nil else {
            throw InvalidBaseURL("the API's URL must not contain a user name or password; the API takes a token instead")
        }
        guard let host = components.host, !host.isEmpty else { throw InvalidBaseURL("the API's URL has no host") }
        guard components.query == nil, components.fragment == nil else {
            throw InvalidBaseURL("the API's URL must end with its path, without ? or #")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw InvalidBaseURL("the API's URL must be percent-encoded, without spaces")
        }
        guard (1...65_535).contains(components.port ?? 443) else {
            throw InvalidBaseURL("the API's URL has a port outside 1 to 65535")
        }
        var trimmed = Substring(text)
        while trimmed.last == "/" { trimmed = trimmed.dropLast() }
        description = String(trimmed)
        isExposed = scheme == "http" && !LoopbackHost.contains(host)
    }

    /// The URL of a path below the base URL.
    func url(path: [String], query: [(name: String, value: String)]) -> String {
        var url = ""
        url.reserveCapacity(description.utf8.count + 128)
        url += description
        for segment in path {
            url += "/"
            url += segment.percentEncoded
        }
        var separator = "?"
        for parameter in query {
            url += "\(separator)\(parameter.name.percentEncoded)=\(parameter.value.percentEncoded)"
            separator = "&"
        }
        return url
    }
}

/// Why a text is not a valid base URL.
package struct InvalidBaseURL: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

internal import Exposition

/// An element of a header field with preferences, such as `Accept` or `Accept-Encoding` (RFC 9110 section 12.4.2).
struct AcceptEntry {
    /// The media range or coding, in lower case.
    let value: String
    /// The parameters except the weight, by lower-case name. Of duplicates, the first one counts.
    let parameters: [String: String]
    /// The weight `q`, from 0 (rejected) to 1 (the default). An invalid weight counts as 0.
    let weight: Double

    /// The elements of a field's value, ordered by descending weight and otherwise by position.
    static func elements(of fieldValue: String) -> [AcceptEntry] {
        fieldValue.splitOutsideQuotes(at: ",").compactMap(AcceptEntry.init)
            .enumerated()
            .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            .map(\.element)
    }

    private init?(_ text: Substring) {
        let parts = text.splitOutsideQuotes(at: ";").map { $0.trimmed }
        guard let first = parts.first, !first.isEmpty else { return nil }
        value = first.lowercased()
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
            guard pair.count == 2, !pair[0].isEmpty, parameters[pair[0].lowercased()] == nil else { continue }
            parameters[pair[0].lowercased()] = pair[1].unquoted
        }
        let weight = parameters.removeValue(forKey: "q").map { Double($0) ?? 0 } ?? 1
        self.parameters = parameters
        self.weight = (0...1).contains(weight) ? weight : 0
    }
}

extension StringProtocol where SubSequence == Substring {
    /// Splits at separators outside of quoted strings (RFC 9110 section 5.6.4).
    fileprivate func splitOutsideQuotes(at separator: Character) -> [Substring] {
        var isQuoted = false
        var isEscaped = false
        return split(omittingEmptySubsequences: false) { character in
            defer { isEscaped = isQuoted && character == "\\" && !isEscaped }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let rest = drop(while: \.isWhitespace)
        return rest.lastIndex { !$0.isWhitespace }.map { rest[...$0] } ?? rest
    }

    fileprivate var unquoted: String {
        count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : String(self)
    }
}

extension ContentCoding {
    /// The content coding for a request: gzip if the client accepts it and does not prefer identity.
    /// - Parameter acceptEncoding: the header field `Accept-Encoding`; nil if missing.
    static func negotiated(acceptEncoding: String?) -> ContentCoding {
        let elements = AcceptEntry.elements(of: acceptEncoding ?? "")
        func weight(_ names: Set<String>) -> Double? { elements.first { names.contains($0.value) }?.weight }
        // `x-gzip` is an alias of gzip (RFC 9110 section 8.4.1.3); `*` matches all codings that are not listed.
        guard let gzip = weight(["gzip", "x-gzip"]) ?? weight(["*"]), gzip > 0 else { return .identity }
        return gzip >= weight(["identity"]) ?? 0 ? .gzip : .identity
    }
}

extension ExpositionFormat {
    /// The supported formats, the newest first for each media type.
    private static let served: [ExpositionFormat] = [.openMetrics, .openMetrics0, .text1, .text, .protobuf]

    /// The format for a request.
    ///
    /// Prometheus lists the formats it accepts with weights. A client that accepts anything, such as a browser, or nothing
    /// supported, gets the text format 0.0.4.
    /// - Parameter accept: the header field `Accept`; nil if missing.
    static func negotiated(accept: String?) -> ExpositionFormat {
        let elements = AcceptEntry.elements(of: accept ?? "")
        let refused = elements.filter { $0.weight == 0 && !$0.value.hasSuffix("/*") }
        let choices = served.filter { format in !refused.contains { $0.matches(format) } }
        for element in elements where element.weight > 0 {
            if element.value == "*/*" || element.value == "text/*" {
                if choices.contains(.text) { return .text }
            } else if let format = choices.first(where: element.matches) {
                return format.escaping(element.parameters["escaping"].flatMap(EscapingScheme.init))
            }
        }
        return .text
    }
}

extension AcceptEntry {
    /// Whether a media range matches a format. Without a version it matches any version, except that the text format then means
    /// 0.0.4. Protobuf must be named with its parameters, as in Prometheus' libraries: without them it could be any message.
    fileprivate func matches(_ format: ExpositionFormat) -> Bool {
        if format == .protobuf {
            return value == format.mediaType && parameters["proto"] == ExpositionFormat.messageType
                && parameters["encoding"] == ExpositionFormat.messageEncoding
        }
        guard value == format.mediaType || value == "application/*" && format.mediaType.hasPrefix("application/") else {
            return false
        }
        guard let version = parameters["version"] else { return format.syntax != .text || format == .text }
        return version == format.version
    }
}

internal import Exposition

/// An element of a header field that states preferences, such as `Accept` or `Accept-Encoding` (RFC 9110 section 12.4.2).
struct WeightedElement {
    /// The media range or coding, in lower case.
    let value: String
    /// The parameters besides the weight, by their names in lower case. Of a name that is there twice, the first counts.
    let parameters: [String: String]
    /// The weight `q`, from 0, which refuses, to 1, which is meant where nothing is said. One that cannot be read refuses.
    let weight: Double

    /// The elements of a field's value, the most wanted first, and in their order where they are wanted alike.
    static func elements(of fieldValue: String) -> [WeightedElement] {
        fieldValue.splitOutsideQuotes(at: ",").compactMap(WeightedElement.init)
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
    /// The parts between separators that do not stand in a quoted string (RFC 9110 section 5.6.4).
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
    /// The coding for a request: gzip for whoever takes it, and does not like the plain body better.
    /// - Parameter acceptEncoding: the header field `Accept-Encoding`; nil where there is none.
    static func negotiated(acceptEncoding: String?) -> ContentCoding {
        let elements = WeightedElement.elements(of: acceptEncoding ?? "")
        func weight(_ names: Set<String>) -> Double? { elements.first { names.contains($0.value) }?.weight }
        // `x-gzip` is gzip's old name (RFC 9110 section 8.4.1.3); a `*` means the codings that are not named.
        guard let gzip = weight(["gzip", "x-gzip"]) ?? weight(["*"]), gzip > 0 else { return .identity }
        return gzip >= weight(["identity"]) ?? 0 ? .gzip : .identity
    }
}

extension ExpositionFormat {
    /// The formats that are served, of each media type the newest first. Protobuf is none of them.
    private static let served: [ExpositionFormat] = [.openMetrics, .openMetrics0, .text1, .text]

    /// The format for a request.
    ///
    /// Prometheus lists what it reads, by weight; whoever takes anything, or nothing that is served, gets the text format 0.0.4, as a
    /// person with a browser does.
    /// - Parameter accept: the header field `Accept`; nil where there is none.
    static func negotiated(accept: String?) -> ExpositionFormat {
        let elements = WeightedElement.elements(of: accept ?? "")
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

extension WeightedElement {
    /// Whether a media range means a format. One without a version means any, of the text format the one that has always been.
    fileprivate func matches(_ format: ExpositionFormat) -> Bool {
        guard value == format.mediaType || value == "application/*" && format.mediaType.hasPrefix("application/") else {
            return false
        }
        guard let version = parameters["version"] else { return format.syntax != .text || format == .text }
        return version == format.version
    }
}

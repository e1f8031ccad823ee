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

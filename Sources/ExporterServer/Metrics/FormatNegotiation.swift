internal import Exposition

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

internal import Exposition

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

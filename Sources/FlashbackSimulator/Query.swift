/// The parameters of a request's query. Of a name that is there twice, the first counts.
struct Query {
    private var values: [String: String] = [:]

    init(_ text: Substring?) {
        for pair in (text ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentEncoding.decode(parts[0], plusIsSpace: true)
            if values[name] == nil {
                values[name] = parts.count == 2 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            }
        }
    }

    /// The value of a parameter. An empty one is taken as absent, and so is the word `undefined`, which the TypeScript client
    /// sends for a parameter that was not given.
    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty, value != "undefined" else { return nil }
        return value
    }
}

/// Percent-encoding (RFC 3986 section 2.1).
enum PercentEncoding {
    /// What is encoded, with a `%` that introduces nothing left as it is and bytes that are not UTF-8 replaced.
    static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String {
        let bytes = Array(text.utf8)
        var decoded = [UInt8]()
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Character(Unicode.Scalar(bytes[index + 1])).hexDigitValue,
                let low = Character(Unicode.Scalar(bytes[index + 2])).hexDigitValue
            {
                decoded.append(UInt8(high << 4 | low))
                index += 3
            } else {
                decoded.append(plusIsSpace && bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

/// A cursor over the bytes of a JSON document. Every access is bounds-checked.
struct JSONBytes {
    static let openingBrace = UInt8(ascii: "{")
    static let closingBrace = UInt8(ascii: "}")
    static let openingBracket = UInt8(ascii: "[")
    static let closingBracket = UInt8(ascii: "]")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    let all: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        all = bytes
    }

    /// RFC 8259 section 8.1 allows a parser to ignore it.
    mutating func skipByteOrderMark() {
        if all.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// Skips white space and returns whether the end is reached.
    mutating func isAtEnd() throws(JSONSyntaxError) -> Bool {
        skipWhiteSpace()
        return position == all.count
    }

    /// Skips white space and returns the next byte without consuming it.
    mutating func nextToken() throws(JSONSyntaxError) -> UInt8 {
        skipWhiteSpace()
        guard position < all.count else { throw JSONSyntaxError() }
        return all[position]
    }

    /// Consumes the next token if it is the given one.
    mutating func take(_ token: UInt8) throws(JSONSyntaxError) -> Bool {
        guard try nextToken() == token else { return false }
        position += 1
        return true
    }

    /// Consumes what must follow a value in a container: a comma (true), or the container's closing token (false).
    mutating func takeComma(before closing: UInt8) throws(JSONSyntaxError) -> Bool {
        let token = try nextToken()
        guard token == UInt8(ascii: ",") || token == closing else { throw JSONSyntaxError() }
        position += 1
        return token != closing
    }

    /// Consumes a member's name and its colon.
    /// - Returns: the name's range, and whether its bytes can be used unchanged: no escapes and nothing that should have been
    ///   escaped.
    mutating func passName() throws(JSONSyntaxError) -> (text: Range<Int>, isPlain: Bool) {
        guard try nextToken() == Self.quote else { throw JSONSyntaxError() }
        let start = position + 1
        let isPlain = try passString()
        let end = position - 1
        guard try take(UInt8(ascii: ":")) else { throw JSONSyntaxError() }
        return (start..<end, isPlain)
    }

    /// Consumes a value that is not a container. The cursor must be at its first byte.
    mutating func passScalar() throws(JSONSyntaxError) -> JSONValue.Kind {
        switch all[position] {
        case Self.quote: return try passString() ? .plainString : .escapedString
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            passNumber()
            return .number
        case UInt8(ascii: "t"):
            try passWord("true")
            return .true
        case UInt8(ascii: "f"):
            try passWord("false")
            return .false
        case UInt8(ascii: "n"):
            try passWord("null")
            return .null
        default: throw JSONSyntaxError()
        }
    }

    private mutating func skipWhiteSpace() {
        while position < all.count {
            switch all[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// - Returns: whether the string's bytes can be used unchanged: no escapes and nothing that should have been escaped.
    private mutating func passString() throws(JSONSyntaxError) -> Bool {
        var isPlain = true
        var next = position + 1
        while next < all.count {
            let byte = all[next]
            if byte == Self.quote {
                position = next + 1
                return isPlain
            }
            if byte < 0x20 { isPlain = false }
            if byte != Self.backslash {
                next += 1
                continue
            }
            isPlain = false
            guard next + 1 < all.count else { break }
            if all[next + 1] == UInt8(ascii: "u") {
                // A quote among the four digits ends the string: the escape is truncated.
                guard next + 6 <= all.count, !all[next + 2..<next + 6].contains(Self.quote) else { break }
                next += 6
            } else {
                next += 2
            }
        }
        throw JSONSyntaxError()
    }

    private mutating func passNumber() {
        while position < all.count {
            switch all[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                position += 1
            default: return
            }
        }
    }

    private mutating func passWord(_ word: StaticString) throws(JSONSyntaxError) {
        let end = position + word.utf8CodeUnitCount
        let isThere = word.withUTF8Buffer { end <= all.count && all[position..<end].elementsEqual($0) }
        guard isThere else { throw JSONSyntaxError() }
        position = end
    }
}

/// Goes through a document once, from its first byte to its last, and notes where the values are that may be asked for: those
/// under a ``FieldName`` and the elements of lists. All others are passed over.
///
/// What holds a document together must be as RFC 8259 says. What stands inside a string or a number is judged when it is asked for,
/// so that a malformed one costs itself only.
struct JSONScanner {
    private static let deepestLevel = 512
    /// An object, its list, the list's rows; what is in a row's fields is never asked for.
    private static let notedLevels = 3
    private static let names = FieldNameTable()

    private var bytes: JSONBytes
    private var level = 0
    private(set) var values: [JSONValue] = []

    init(_ bytes: [UInt8]) {
        self.bytes = JSONBytes(bytes)
        // About as many as an answer has whose every field is asked for.
        values.reserveCapacity(bytes.count / 32)
    }

    mutating func scan() throws(JSONSyntaxError) {
        bytes.skipByteOrderMark()
        try note(under: nil)
        guard try bytes.isAtEnd() else { throw JSONSyntaxError() }
    }

    private mutating func note(under name: FieldName?) throws(JSONSyntaxError) {
        let index = values.count
        let first = try bytes.nextToken()
        let start = bytes.position
        guard level < Self.notedLevels, first == JSONBytes.openingBrace || first == JSONBytes.openingBracket else {
            let kind = try pass()
            values.append(JSONValue(kind: kind, name: name, bytes: start..<bytes.position, next: index + 1))
            return
        }
        values.append(JSONValue(kind: .array, name: name, bytes: start..<start, next: index))
        level += 1
        let kind = try first == JSONBytes.openingBrace ? noteMembers() : noteElements()
        level -= 1
        values[index] = JSONValue(kind: kind, name: name, bytes: start..<bytes.position, next: values.count)
    }

    private mutating func noteElements() throws(JSONSyntaxError) -> JSONValue.Kind {
        bytes.position += 1
        if try bytes.take(JSONBytes.closingBracket) { return .array }
        repeat { try note(under: nil) } while try bytes.takeComma(before: JSONBytes.closingBracket)
        return .array
    }

    private mutating func noteMembers() throws(JSONSyntaxError) -> JSONValue.Kind {
        bytes.position += 1
        if try bytes.take(JSONBytes.closingBrace) { return .object }
        var kind = JSONValue.Kind.object
        repeat {
            let (text, isPlain) = try bytes.passName()
            let name: FieldName?
            if isPlain {
                name = Self.names.name(of: text, in: bytes.all)
            } else if let unescaped = JSONText.unescaped(bytes.all[text]) {
                name = FieldName(rawValue: unescaped)
            } else {
                name = nil
                kind = .unreadableObject
            }
            if let name { try note(under: name) } else { _ = try pass() }
        } while try bytes.takeComma(before: JSONBytes.closingBrace)
        return kind
    }

    /// Passes over a value with all that is in it.
    private mutating func pass() throws(JSONSyntaxError) -> JSONValue.Kind {
        let first = try bytes.nextToken()
        if first == JSONBytes.openingBrace || first == JSONBytes.openingBracket {
            try passContainer()
            return first == JSONBytes.openingBrace ? .object : .array
        }
        return try bytes.passScalar()
    }

    /// Without recursion, so that no document can exhaust the stack.
    private mutating func passContainer() throws(JSONSyntaxError) {
        var closings: [UInt8] = []
        repeat {
            // At the beginning of a value.
            switch try bytes.nextToken() {
            case JSONBytes.openingBrace: closings.append(JSONBytes.closingBrace)
            case JSONBytes.openingBracket: closings.append(JSONBytes.closingBracket)
            default:
                _ = try bytes.passScalar()
                try passEnds(&closings)
                continue
            }
            guard level + closings.count <= Self.deepestLevel, let closing = closings.last else { throw JSONSyntaxError() }
            bytes.position += 1
            if try bytes.take(closing) {
                closings.removeLast()
                try passEnds(&closings)
            } else if closing == JSONBytes.closingBrace {
                _ = try bytes.passName()
            }
        } while !closings.isEmpty
    }

    /// Passes over what follows a value, up to the beginning of the next.
    private mutating func passEnds(_ closings: inout [UInt8]) throws(JSONSyntaxError) {
        while let closing = closings.last {
            if try bytes.takeComma(before: closing) {
                if closing == JSONBytes.closingBrace { _ = try bytes.passName() }
                return
            }
            closings.removeLast()
        }
    }
}

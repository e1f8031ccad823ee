/// Parses a document in one pass. Rows are decoded as they are scanned and nothing else is kept, so memory use is bounded by the
/// rows, whatever the document contains.
///
/// The document's structure must follow RFC 8259. The content of strings and numbers is validated only on access, so that a
/// malformed one affects only itself.
struct JSONScanner {
    private static let deepestLevel = 512
    private static let names = FieldNameTable()

    private var bytes: JSONBytes
    /// The number of open containers that are being read, not skipped.
    private var level = 0
    /// The closing tokens of the containers being skipped, outermost first.
    private var closings: [UInt8] = []
    /// The fields of the most recently scanned object.
    private var fields: [JSONValue] = []

    init(_ bytes: [UInt8]) {
        self.bytes = JSONBytes(bytes)
    }

    /// Reads a document that consists of one object.
    /// - Returns: nil when it is another kind of value, or an object with an undecodable name.
    mutating func object() throws(JSONSyntaxError) -> JSONObject? {
        bytes.skipByteOrderMark()
        var object: JSONObject?
        if try bytes.nextToken() == JSONBytes.openingBrace { object = try scanObject() } else { _ = try pass() }
        guard try bytes.isAtEnd() else { throw JSONSyntaxError() }
        return object
    }

    /// Whether the bytes are a JSON document of any kind.
    static func isDocument(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes)
        do throws(JSONSyntaxError) {
            _ = try scanner.object()
            return true
        } catch {
            return false
        }
    }

    /// Reads an object inside a document whose structure is known to be valid.
    /// - Parameter position: the index of the object's opening brace.
    /// - Returns: nil for an object with an undecodable name.
    static func object(in document: [UInt8], at position: Int) -> JSONObject? {
        var scanner = JSONScanner(document)
        scanner.bytes.position = position
        return (try? scanner.scanObject()) ?? nil
    }

    /// Skips a value inside a document.
    /// - Returns: its kind, and the index after its last byte.
    static func end(
        ofValueAt position: Int, in document: [UInt8]
    ) throws(JSONSyntaxError) -> (kind: JSONValue.Kind, position: Int) {
        var scanner = JSONScanner(document)
        scanner.bytes.position = position
        let kind = try scanner.pass()
        return (kind, scanner.bytes.position)
    }

    /// Reads a document that is a list of rows, or an object that contains the list.
    /// - Parameters:
    ///   - names: the list's possible names in the object, in order of preference.
    ///   - maximumRows: the maximum number of rows to keep.
    /// - Returns: the list under the first name that has one, and the object, or nil if it cannot be decoded.
    mutating func answer<Element: Row>(
        under names: [FieldName], maximumRows: Int
    ) throws(JSONSyntaxError) -> (rows: Rows<Element>?, envelope: JSONObject?) {
        bytes.skipByteOrderMark()
        var lists: [Rows<Element>?] = Array(repeating: nil, count: names.count)
        var envelope: JSONObject?
        switch try bytes.nextToken() {
        case JSONBytes.openingBracket:
            lists = [try rows(maximum: maximumRows)]
        case JSONBytes.openingBrace:
            envelope = try scanObject { scanner, name throws(JSONSyntaxError) in
                guard let index = names.firstIndex(of: name), try scanner.bytes.nextToken() == JSONBytes.openingBracket else {
                    return false
                }
                // A list under an earlier name takes precedence, and only one list is kept.
                if lists[..<index].contains(where: { $0 != nil }) { return false }
                for later in names.indices[index...] { lists[later] = nil }
                let outer = scanner.fields
                lists[index] = try scanner.rows(maximum: maximumRows)
                scanner.fields = outer
                return true
            }
            // With an undecodable name in the object, its other fields cannot be trusted.
            if envelope == nil { lists = [] }
        default:
            _ = try pass()
        }
        guard try bytes.isAtEnd() else { throw JSONSyntaxError() }
        return (lists.lazy.compactMap(\.self).first, envelope)
    }

    private mutating func rows<Element: Row>(maximum: Int) throws(JSONSyntaxError) -> Rows<Element> {
        var rows = Rows<Element>(maximum: maximum)
        bytes.position += 1
        level += 1
        defer { level -= 1 }
        if try bytes.take(JSONBytes.closingBracket) { return rows }
        repeat {
            if try bytes.nextToken() == JSONBytes.openingBrace {
                rows.append(try scanObject())
            } else {
                _ = try pass()
                rows.append(nil)
            }
        } while try bytes.takeComma(before: JSONBytes.closingBracket)
        return rows
    }

    /// Scans the object at the cursor.
    /// - Parameter read: may consume the first value of a name itself; returns false to leave it.
    /// - Returns: nil for an object with a name that has an invalid escape.
    private mutating func scanObject(
        _ read: (inout JSONScanner, FieldName) throws(JSONSyntaxError) -> Bool = { _, _ in false }
    ) throws(JSONSyntaxError) -> JSONObject? {
        fields.removeAll(keepingCapacity: true)
        bytes.position += 1
        level += 1
        defer { level -= 1 }
        if try bytes.take(JSONBytes.closingBrace) { return JSONObject(bytes: bytes.all, fields: []) }
        var isReadable = true
        repeat {
            let name = try passName(&isReadable)
            guard let name, !fields.contains(where: { $0.name == name }) else {
                _ = try pass()
                continue
            }
            _ = try bytes.nextToken()
            let start = bytes.position
            let kind = try read(&self, name) ? JSONValue.Kind.array : pass()
            fields.append(JSONValue(kind: kind, name: name, bytes: start..<bytes.position))
        } while try bytes.takeComma(before: JSONBytes.closingBrace)
        return isReadable ? JSONObject(bytes: bytes.all, fields: fields) : nil
    }

    /// - Returns: nil for a name that is not decoded.
    private mutating func passName(_ isReadable: inout Bool) throws(JSONSyntaxError) -> FieldName? {
        let (text, isPlain) = try bytes.passName()
        if isPlain { return Self.names.name(of: text, in: bytes.all) }
        guard let unescaped = JSONText(unescaping: bytes.all[text]) else {
            isReadable = false
            return nil
        }
        let name = Array(unescaped.string.utf8)
        return Self.names.name(of: name.indices, in: name)
    }

    /// Skips a value with all of its content.
    private mutating func pass() throws(JSONSyntaxError) -> JSONValue.Kind {
        let first = try bytes.nextToken()
        if first == JSONBytes.openingBrace || first == JSONBytes.openingBracket {
            try passContainer()
            return first == JSONBytes.openingBrace ? .object : .array
        }
        return try bytes.passScalar()
    }

    /// Iterative, so that deep nesting cannot overflow the stack.
    private mutating func passContainer() throws(JSONSyntaxError) {
        closings.removeAll(keepingCapacity: true)
        repeat {
            // At the start of a value.
            switch try bytes.nextToken() {
            case JSONBytes.openingBrace: closings.append(JSONBytes.closingBrace)
            case JSONBytes.openingBracket: closings.append(JSONBytes.closingBracket)
            default:
                _ = try bytes.passScalar()
                try passEnds()
                continue
            }
            guard level + closings.count <= Self.deepestLevel, let closing = closings.last else { throw JSONSyntaxError() }
            bytes.position += 1
            if try bytes.take(closing) {
                closings.removeLast()
                try passEnds()
            } else if closing == JSONBytes.closingBrace {
                _ = try bytes.passName()
            }
        } while !closings.isEmpty
    }

    /// Skips everything between the end of a value and the start of the next.
    private mutating func passEnds() throws(JSONSyntaxError) {
        while let closing = closings.last {
            if try bytes.takeComma(before: closing) {
                if closing == JSONBytes.closingBrace { _ = try bytes.passName() }
                return
            }
            closings.removeLast()
        }
    }
}

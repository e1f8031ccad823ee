/// Goes through a document once, from its first byte to its last. Rows are read as they are passed, so that nothing is kept of the
/// document but what is read of it: however an answer is made, reading it takes no more memory than its rows do.
///
/// What holds a document together must be as RFC 8259 says. What stands inside a string or a number is judged when it is asked for,
/// so that a malformed one costs itself only.
struct JSONScanner {
    private static let deepestLevel = 512
    private static let names = FieldNameTable()

    private var bytes: JSONBytes
    /// How many containers that are not passed over are around the place.
    private var level = 0
    /// What ends the containers that are being passed over, from the outermost to the innermost.
    private var closings: [UInt8] = []
    /// Those of the object that was scanned last.
    private var fields: [JSONValue] = []

    init(_ bytes: [UInt8]) {
        self.bytes = JSONBytes(bytes)
    }

    /// Reads a document for the one object that it is.
    /// - Returns: nil when it is another kind of value, or an object with a name that cannot be read.
    mutating func object() throws(JSONSyntaxError) -> JSONObject? {
        bytes.skipByteOrderMark()
        var object: JSONObject?
        if try bytes.nextToken() == JSONBytes.openingBrace { object = try scanObject() } else { _ = try pass() }
        guard try bytes.isAtEnd() else { throw JSONSyntaxError() }
        return object
    }

    /// Reads a document that is a list of rows, or an object that has it under one of some names.
    /// - Parameter mostRows: the most rows that are kept.
    /// - Returns: the list, by the first of the names that has one; and the object, nil when there is none that can be read.
    mutating func answer<Element: Row>(
        under names: [FieldName], mostRows: Int
    ) throws(JSONSyntaxError) -> (rows: Rows<Element>?, envelope: JSONObject?) {
        bytes.skipByteOrderMark()
        var lists: [Rows<Element>?] = Array(repeating: nil, count: names.count)
        var envelope: JSONObject?
        switch try bytes.nextToken() {
        case JSONBytes.openingBracket:
            lists = [try rows(most: mostRows)]
        case JSONBytes.openingBrace:
            envelope = try scanObject { scanner, name throws(JSONSyntaxError) in
                guard let index = names.firstIndex(of: name), try scanner.bytes.nextToken() == JSONBytes.openingBracket else {
                    return false
                }
                // A list under an earlier name is the one that is wanted, and no two are kept.
                if lists[..<index].contains(where: { $0 != nil }) { return false }
                for later in names.indices[index...] { lists[later] = nil }
                let outer = scanner.fields
                lists[index] = try scanner.rows(most: mostRows)
                scanner.fields = outer
                return true
            }
            // What else an object has that has an unreadable name cannot be told.
            if envelope == nil { lists = [] }
        default:
            _ = try pass()
        }
        guard try bytes.isAtEnd() else { throw JSONSyntaxError() }
        return (lists.lazy.compactMap(\.self).first, envelope)
    }

    private mutating func rows<Element: Row>(most: Int) throws(JSONSyntaxError) -> Rows<Element> {
        var rows = Rows<Element>(most: most)
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

    /// Scans the object that begins here.
    /// - Parameter read: reads the first value of a name by itself; false leaves it where it is.
    /// - Returns: nil for an object with a name that has an escape that is none.
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

    /// - Returns: nil for a name that is not read.
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
        closings.removeAll(keepingCapacity: true)
        repeat {
            // At the beginning of a value.
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

    /// Passes over what follows a value, up to the beginning of the next.
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

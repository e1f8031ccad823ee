internal import FlashbackRecording

/// Rewrites a body with only what ``FieldTreatment`` allows. Everything else becomes its type and length. The original's bytes are never
/// copied, except for harmless numbers, times and words.
struct BodySanitizer {
    /// The maximum depth of containers to examine; the API's answers have six levels.
    private static let deepestLevel = 16
    /// The maximum number of unknown names to keep in an object. An object with more is probably a map whose names are identifiers.
    private static let maximumUnknownNames = 12
    private static let names = FieldNameTable()

    private var bytes: JSONBytes
    private var output: [UInt8] = []
    private var unknownFields: [String] = []

    /// - Parameter kind: the kind of the body's rows.
    /// - Returns: the body and the names of its unknown fields, each as often as it occurs; nil when the body is not JSON.
    static func sanitized(
        _ body: [UInt8], rows kind: Pseudonyms.Kind, _ pseudonyms: inout Pseudonyms
    ) -> (json: [UInt8], unknownFields: [String])? {
        guard JSONScanner.isDocument(body) else { return nil }
        var sanitizer = BodySanitizer(bytes: JSONBytes(body))
        sanitizer.bytes.skipByteOrderMark()
        do {
            try sanitizer.pass(.text, in: kind, rows: kind, level: 0, &pseudonyms)
        } catch {
            return nil
        }
        return (sanitizer.output, sanitizer.unknownFields)
    }

    private init(bytes: JSONBytes) {
        self.bytes = bytes
    }

    // MARK: Containers

    /// Writes the value at the cursor.
    /// - Parameters:
    ///   - outer: the kind of the object that contains the value.
    ///   - kind: the kind of an object in the value; nil when the field should contain none.
    private mutating func pass(
        _ scalar: FieldTreatment.Scalar, in outer: Pseudonyms.Kind, rows kind: Pseudonyms.Kind?, level: Int,
        _ pseudonyms: inout Pseudonyms
    ) throws(JSONSyntaxError) {
        let token = try bytes.nextToken()
        guard token == JSONBytes.openingBrace || token == JSONBytes.openingBracket else {
            return try passScalar(scalar, of: outer, &pseudonyms)
        }
        guard let kind, level < Self.deepestLevel else { return try passOpaque(from: bytes.position) }
        if token == JSONBytes.openingBrace { return try passObject(of: kind, level: level, &pseudonyms) }
        bytes.position += 1
        write("[")
        if try bytes.take(JSONBytes.closingBracket) { return write("]") }
        while true {
            try pass(scalar, in: outer, rows: kind, level: level + 1, &pseudonyms)
            guard try bytes.takeComma(before: JSONBytes.closingBracket) else { break }
            write(",")
        }
        write("]")
    }

    private mutating func passObject(
        of kind: Pseudonyms.Kind, level: Int, _ pseudonyms: inout Pseudonyms
    ) throws(JSONSyntaxError) {
        let (start, outputStart) = (bytes.position, output.count)
        var isMap: Bool?
        bytes.position += 1
        write("{")
        if try bytes.take(JSONBytes.closingBrace) { return write("}") }
        while true {
            let (range, isPlain) = try bytes.passName()
            guard let name = text(in: range, isPlain) else {
                // An object with such a name is not decoded either.
                output.removeSubrange(outputStart...)
                return try passOpaque(from: start)
            }
            let bytesOfName = Array(name.utf8)
            if let known = Self.names.name(of: bytesOfName.indices, in: bytesOfName) {
                let treatment = FieldTreatment(known)
                output += JSONLine.string(known.rawValue)
                write(":")
                try pass(
                    treatment.scalar, in: kind, rows: treatment.kind(in: kind), level: level + 1, &pseudonyms)
            } else {
                if isMap == nil { isMap = try hasTooManyUnknownNames(from: start) }
                try passUnknown(name, isOfMap: isMap == true, &pseudonyms)
            }
            guard try bytes.takeComma(before: JSONBytes.closingBrace) else { break }
            write(",")
        }
        write("}")
    }

    private func hasTooManyUnknownNames(from start: Int) throws(JSONSyntaxError) -> Bool {
        var cursor = bytes
        cursor.position = start + 1
        var count = 0
        repeat {
            let (text, _) = try cursor.passName()
            if Self.names.name(of: text, in: cursor.all) == nil { count += 1 }
            _ = try cursor.nextToken()
            cursor.position = try JSONScanner.end(ofValueAt: cursor.position, in: cursor.all).position
        } while try cursor.takeComma(before: JSONBytes.closingBrace) && count <= Self.maximumUnknownNames
        return count > Self.maximumUnknownNames
    }

    /// Writes an unknown member: its name, if it looks like a field's, and the type and length of its value.
    private mutating func passUnknown(
        _ name: String, isOfMap: Bool, _ pseudonyms: inout Pseudonyms
    ) throws(JSONSyntaxError) {
        let isKept = HarmlessText.isFieldName(name) && !isOfMap && !pseudonyms.contains(name)
        let written = isKept ? name : pseudonyms.pseudonym(of: name.isEmpty ? " " : name, .field)
        unknownFields.append(isOfMap ? "field-…" : written)
        output += JSONLine.string(written)
        write(":")
        _ = try bytes.nextToken()
        let start = bytes.position
        let (kind, end) = try JSONScanner.end(ofValueAt: start, in: bytes.all)
        bytes.position = end
        if HarmlessText.isNameOfSecret(name) { return write("\"<secret>\"") }
        switch kind {
        case .object: write("\"<object of \(end - start) bytes>\"")
        case .array: write("\"<array of \(end - start) bytes>\"")
        case .plainString, .escapedString: writeLength(ofString: start..<end)
        case .number: write("\"<number of \(end - start) bytes>\"")
        case .true, .false: write("\"<boolean>\"")
        case .null: write("null")
        }
    }

    /// Writes the type and length of the container that starts at a position.
    private mutating func passOpaque(from start: Int) throws(JSONSyntaxError) {
        let (kind, end) = try JSONScanner.end(ofValueAt: start, in: bytes.all)
        bytes.position = end
        // Written as a container, so that it is as unreadable as the original.
        write(kind == .array ? "[\"<array of \(end - start) bytes>\"]" : "{\"<object>\":\"<object of \(end - start) bytes>\"}")
    }

    // MARK: Scalars

    private mutating func passScalar(
        _ treatment: FieldTreatment.Scalar, of kind: Pseudonyms.Kind, _ pseudonyms: inout Pseudonyms
    ) throws(JSONSyntaxError) {
        let start = bytes.position
        let value = try bytes.passScalar()
        let range = start..<bytes.position
        if case .secret = treatment { return write("\"<secret>\"") }
        switch value {
        case .null: write("null")
        case .true: write("true")
        case .false: write("false")
        case .number: writeNumber(range, treatment, of: kind, &pseudonyms)
        default:
            let text = text(in: (range.lowerBound + 1)..<(range.upperBound - 1), value == .plainString)
            guard let text, let kept = Self.kept(text, treatment, of: kind, &pseudonyms) else {
                return writeLength(ofString: range)
            }
            output += JSONLine.string(kept)
        }
    }

    private mutating func writeNumber(
        _ range: Range<Int>, _ treatment: FieldTreatment.Scalar, of kind: Pseudonyms.Kind, _ pseudonyms: inout Pseudonyms
    ) {
        let number = bytes.all[range]
        switch treatment {
        case .number, .time: if number.count <= 40, JSONNumber(number) != nil { output += number } else { write("0") }
        case .identity(let kind): write("\(pseudonyms.number(of: String(decoding: number, as: UTF8.self), kind))")
        case .rowIdentity: write("\(pseudonyms.number(of: String(decoding: number, as: UTF8.self), kind))")
        // The known API has no number here, so the number's meaning is unknown too.
        default: write("0")
        }
    }

    /// - Returns: what to record instead of a text; nil for its type and length.
    private static func kept(
        _ text: String, _ treatment: FieldTreatment.Scalar, of kind: Pseudonyms.Kind, _ pseudonyms: inout Pseudonyms
    ) -> String? {
        switch treatment {
        case .identity(let kind): pseudonyms.pseudonym(of: text, kind)
        case .rowIdentity: pseudonyms.pseudonym(of: text, kind)
        case .rowName: pseudonyms.pseudonym(of: text, FieldTreatment.name(of: kind))
        case .word(let vocabulary): vocabulary.contains(text) ? text : nil
        case .wordOrIdentity(let vocabulary, let kind):
            vocabulary.contains(text) ? text : pseudonyms.pseudonym(of: text, kind)
        case .region: HarmlessText.isRegion(text) ? text : pseudonyms.pseudonym(of: text, .region)
        case .version: HarmlessText.isVersion(text) ? text : pseudonyms.pseudonym(of: text, .version)
        case .number: HarmlessText.isNumber(text) ? text : nil
        case .time: HarmlessText.isTime(text) || HarmlessText.isNumber(text) ? text : nil
        case .flag, .text, .secret: nil
        }
    }

    /// - Returns: nil for an invalid escape, invalid UTF-8, or a text that is too long to be decoded.
    private func text(in range: Range<Int>, _ isPlain: Bool) -> String? {
        guard range.count <= JSONObject.maximumStringBytes else { return nil }
        let text = isPlain ? JSONText(bytes.all[range]) : JSONText(unescaping: bytes.all[range])
        return text.flatMap { $0.isRepaired ? nil : $0.string }
    }

    /// - Parameter range: includes the quotes.
    private mutating func writeLength(ofString range: Range<Int>) { write("\"<string of \(range.count - 2) bytes>\"") }

    private mutating func write(_ text: String) { output += text.utf8 }
}

extension FieldTreatment {
    /// The kind of the objects in the field; nil for none.
    func kind(in outer: Pseudonyms.Kind) -> Pseudonyms.Kind? {
        switch rows {
        case nil: nil
        case .same: outer
        case .of(let kind): kind
        }
    }
}

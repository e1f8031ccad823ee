/// How a value differs from its documented form.
struct ValueDifference {
    let text: String
    /// Whether the exporter cannot read it.
    let isProblem: Bool

    private init(_ text: String, isProblem: Bool = false) {
        (self.text, self.isProblem) = (text, isProblem)
    }

    /// - Returns: nil when it does not differ.
    init?(_ value: JSONTree, _ form: FieldContract.Form) {
        switch form {
        case .unused: return nil
        case .text: if value.isString { return nil } else { self = Self.kind(value, "string") }
        case .boolean: if case .boolean = value { return nil } else { self = Self.kind(value, "boolean") }
        case .object: self = Self.kind(value, "object")
        case .list: self = Self.kind(value, "list")
        case .number: if let difference = Self.number(value) { self = difference } else { return nil }
        case .numberInString:
            if case .number = value {
                self.init("number instead of string")
            } else {
                guard value.decimal == nil else { return nil }
                self = Self.kind(value, "string with a number")
            }
        case .time: if let difference = Self.time(value) { self = difference } else { return nil }
        case .node: if let difference = Self.node(value) { self = difference } else { return nil }
        case .day: if let difference = Self.day(value) { self = difference } else { return nil }
        case .seconds:
            guard let number = value.decimal else {
                self = Self.kind(value, "number")
                return
            }
            guard TimestampFormat.isInMilliseconds(number) else { return nil }
            self.init("milliseconds instead of seconds")
        case .word(let documented, let vocabulary):
            guard case .string(let word) = value else {
                self = Self.kind(value, "string")
                return
            }
            if documented.contains(word) { return nil }
            if vocabulary.contains(word) {
                self.init("word \(word), which is not documented but known")
            } else {
                let shown = HarmlessText.isFieldName(word) ? word : "of \(word.utf8.count) bytes"
                self.init("unknown word \(shown)", isProblem: true)
            }
        }
    }

    private static func kind(_ value: JSONTree, _ wanted: String) -> ValueDifference {
        ValueDifference("\(value.kind) instead of \(wanted)", isProblem: true)
    }

    private static func number(_ value: JSONTree) -> ValueDifference? {
        if case .number = value { return nil }
        return value.decimal == nil ? kind(value, "number") : ValueDifference("string instead of number")
    }

    private static func time(_ value: JSONTree) -> ValueDifference? {
        guard case .string(let text) = value else { return kind(value, "date") }
        if TimestampFormat.date(text) != nil {
            return text.contains(".") ? nil : ValueDifference("time without milliseconds")
        }
        return TimestampFormat.date(text + "T00:00:00Z") != nil
            ? ValueDifference("day without time") : ValueDifference("not a date", isProblem: true)
    }

    private static func node(_ value: JSONTree) -> ValueDifference? {
        switch value {
        case .number: return ValueDifference("number instead of IP address")
        case .string(let text):
            let bytes = text.utf8
            let isVersion4 =
                bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).count == 4
                && bytes.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            let isVersion6 = bytes.count { $0 == UInt8(ascii: ":") } >= 2
            return isVersion4 || isVersion6 ? nil : ValueDifference("identifier instead of IP address")
        default: return kind(value, "IP address")
        }
    }

    private static func day(_ value: JSONTree) -> ValueDifference? {
        guard let number = value.decimal else { return kind(value, "number") }
        if number > Double(UTCDay.largestDecimalDigits) {
            let unit = TimestampFormat.isInMilliseconds(number) ? "milliseconds" : "seconds"
            return ValueDifference("\(unit) instead of ddmmyyyy")
        }
        return Self.number(value)
    }
}

extension JSONTree {
    fileprivate var isString: Bool {
        if case .string = self { true } else { false }
    }
}

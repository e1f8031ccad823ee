internal import CYAML

/// The events of a text, parsed by libyaml.
final class YAMLEvents {
    /// libyaml's parser contains pointers to itself and must not be moved.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// The text, which the parser reads in place.
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        text = .allocate(capacity: bytes.count)
        _ = text.initialize(from: bytes)
        // It fails only when memory is exhausted, like any allocation.
        precondition(yaml_parser_initialize(parser) == 1, "no memory for a YAML parser")
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event. Must not be called after ``YAMLEvent/Kind/streamEnd``.
    func next() throws(YAMLError) -> YAMLEvent {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
            defer { yaml_event_delete(&event) }
            if let kind = Self.kind(of: event) { return YAMLEvent(kind: kind, position: Self.position(event.start_mark)) }
        }
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind? {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT: return .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return .scalar(YAMLScalar(text: text, isPlain: isPlain), properties(scalar.anchor, scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            return .sequenceStart(properties(event.data.sequence_start.anchor, event.data.sequence_start.tag))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            return .mappingStart(properties(event.data.mapping_start.anchor, event.data.mapping_start.tag))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return nil  // The start of the stream.
        }
    }

    private static func properties(
        _ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?
    ) -> YAMLProperties {
        YAMLProperties(anchor: string(anchor), tag: string(tag))
    }

    private static func string(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        bytes.map { String(cString: $0) }
    }

    private static func position(_ mark: yaml_mark_t) -> YAMLPosition {
        YAMLPosition(line: mark.line + 1, column: mark.column + 1)
    }

    /// The parser's error. libyaml's messages are fixed and contain no part of the text.
    private var failure: YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "out of memory"
        guard parser.pointee.error == YAML_READER_ERROR else {
            return YAMLError(at: Self.position(parser.pointee.problem_mark), "not valid YAML: \(problem)")
        }
        // An undecodable byte has an offset but no mark.
        let before = text.prefix(Int(parser.pointee.problem_offset))
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? before.startIndex
        let position = YAMLPosition(
            line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: before.endIndex - lineStart + 1)
        return YAMLError(at: position, "not valid YAML: \(problem)")
    }
}

/// An event of libyaml's parser, copied from its memory.
struct YAMLEvent {
    enum Kind {
        case documentStart, documentEnd, streamEnd
        case alias(String)
        case scalar(YAMLScalar, YAMLProperties)
        case sequenceStart(YAMLProperties)
        case mappingStart(YAMLProperties)
        case sequenceEnd, mappingEnd
    }

    let kind: Kind
    let position: YAMLPosition
}

/// What may precede a value.
struct YAMLProperties {
    /// After `&`.
    let anchor: String?
    /// After `!`, with its handle resolved.
    let tag: String?
}

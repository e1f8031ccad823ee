/// What libyaml's parser reports, copied out of its memory.
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

/// What may be written before a value.
struct YAMLProperties {
    /// After `&`.
    let anchor: String?
    /// After `!`, in full.
    let tag: String?
}

/// What a sample's line begins with, up to the labels of its own.
struct LineStart: Sendable {
    /// For a sample without labels of its own: `name`, or `name{account="a"}` with a constant label.
    let alone: [UInt8]
    /// For a sample with labels of its own: `name{`, or `name{account="a",` with a constant label.
    let beforeLabels: [UInt8]

    init(_ name: String, _ constantLabels: LabelBlock) {
        let name = Array(name.utf8)
        let constants = constantLabels.bytes
        alone = constants.isEmpty ? name : name + [UInt8(ascii: "{")] + constants + [UInt8(ascii: "}")]
        beforeLabels = name + [UInt8(ascii: "{")] + (constants.isEmpty ? [] : constants + [UInt8(ascii: ",")])
    }
}

/// Labels in the form used between the braces of a sample, already escaped: `bucket_id="1",bucket_name="photos"`.
///
/// A series is written at every refresh, but its labels are escaped only once, so that writing a sample is just a copy.
package struct LabelBlock: Sendable, Hashable {
    let bytes: [UInt8]

    /// Labels in the given order.
    package init(_ labels: KeyValuePairs<String, String>) {
        self.init(base: nil, labels)
    }

    /// The labels of `base`, followed by others.
    package init(_ base: LabelBlock, _ labels: KeyValuePairs<String, String>) {
        self.init(base: base, labels)
    }

    /// No labels.
    package static let none = LabelBlock([:])

    private init(base: LabelBlock?, _ labels: KeyValuePairs<String, String>) {
        var bytes = base?.bytes ?? []
        bytes.reserveCapacity(labels.reduce(bytes.count) { $0 + $1.key.utf8.count + $1.value.utf8.count + 8 })
        for (name, value) in labels {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: name.utf8)
            bytes.append(UInt8(ascii: "="))
            bytes.append(UInt8(ascii: "\""))
            bytes.append(escapingLabelValue: value)
            bytes.append(UInt8(ascii: "\""))
        }
        self.bytes = bytes
    }
}

/// The start of a sample's line, up to its own labels.
struct LineStart: Sendable {
    /// For a sample without its own labels: `name`, or `name{account="a"}` with a constant label.
    let alone: [UInt8]
    /// For a sample with its own labels: `name{`, or `name{account="a",` with a constant label.
    let beforeLabels: [UInt8]

    init(_ name: String, _ constantLabels: LabelBlock) {
        let name = Array(name.utf8)
        let constants = constantLabels.bytes
        alone = constants.isEmpty ? name : name + [UInt8(ascii: "{")] + constants + [UInt8(ascii: "}")]
        beforeLabels = name + [UInt8(ascii: "{")] + (constants.isEmpty ? [] : constants + [UInt8(ascii: ",")])
    }
}

/// The escapes of the text format 0.0.4 and of OpenMetrics 1.0, which agree on label values.
extension [UInt8] {
    /// In label values the backslash, the double quote and the line feed are escaped.
    mutating func append(escapingLabelValue value: String) {
        var value = value
        value.withUTF8 { append(escaping: $0, quote: true) }
    }

    /// In help texts only the backslash and the line feed are escaped.
    mutating func append(escapingHelp help: String) {
        var help = help
        help.withUTF8 { append(escaping: $0, quote: false) }
    }

    private mutating func append(escaping bytes: UnsafeBufferPointer<UInt8>, quote: Bool) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\\"):
                append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\\")])
            case UInt8(ascii: "\n"):
                append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case UInt8(ascii: "\"") where quote:
                append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\"")])
            default:
                append(byte)
            }
        }
    }
}

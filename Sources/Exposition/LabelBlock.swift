/// Labels as they stand between the braces of a sample, already escaped: `bucket_id="1",bucket_name="photos"`.
///
/// A series is written at every refresh but named once: escaping its labels when it is first seen makes writing a sample a copy.
package struct LabelBlock: Sendable, Hashable {
    let bytes: [UInt8]

    /// A block of labels in the given order.
    package init(_ labels: KeyValuePairs<String, String>) {
        self.init(base: nil, labels)
    }

    /// The labels of `base`, followed by more.
    package init(_ base: LabelBlock, _ labels: KeyValuePairs<String, String>) {
        self.init(base: base, labels)
    }

    /// No labels at all.
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

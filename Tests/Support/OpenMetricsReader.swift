/// A body in OpenMetrics 1.0 text format, parsed independently: it shares no code with the writer of the format.
package enum OpenMetricsReader {
    /// An error in a body, with its line.
    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    private static let suffixes = [
        "counter": ["_total"], "gauge": [""], "info": ["_info"], "stateset": [""], "histogram": ["_bucket", "_sum", "_count"],
    ]

    /// The samples of a body.
    ///
    /// Stricter than the specification: every family has HELP and TYPE before its samples, and has samples.
    package static func samples(in body: [UInt8]) throws(Malformed) -> [ParsedExposition.Sample] {
        let end = Array("# EOF\n".utf8)
        guard body.suffix(end.count).elementsEqual(end) else { throw Malformed(description: "no # EOF at the end") }
        var samples: [ParsedExposition.Sample] = []
        var names: Set<String> = []
        var (help, family, number): (String?, (name: String, suffixes: [String], count: Int)?, Int) = (nil, nil, 0)
        for line in body.dropLast(end.count).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            number += 1
            func malformed(_ reason: String) -> Malformed {
                Malformed(description: "line \(number): \(reason): \(String(decoding: line, as: UTF8.self))")
            }
            var reader = TextFormatReader(rest: line)
            if reader.take("# HELP ") {
                guard help == nil, family?.count != 0, let name = reader.name(), reader.take(" "), reader.helpText() != nil else {
                    throw malformed("not a HELP line")
                }
                help = name
            } else if reader.take("# TYPE ") {
                guard let name = reader.name(), name == help, reader.take(" "), let type = reader.word(),
                    let suffixes = suffixes[type], names.insert(name).inserted
                else { throw malformed("not a TYPE line after its HELP line, or a family in two places") }
                (family, help) = ((name, suffixes, 0), nil)
            } else if reader.take("# UNIT ") {
                guard let name = reader.name(), name == family?.name, family?.count == 0, reader.take(" "),
                    let unit = reader.word(), name.hasSuffix("_" + unit)
                else { throw malformed("not a UNIT line") }
            } else {
                guard help == nil, let current = family, let sample = reader.sample(),
                    current.suffixes.contains(where: { sample.name == current.name + $0 })
                else { throw malformed("not a sample of its family") }
                family?.count += 1
                samples.append(sample)
            }
        }
        guard help == nil, family?.count != 0 else { throw Malformed(description: "the last family has no samples") }
        return samples
    }
}

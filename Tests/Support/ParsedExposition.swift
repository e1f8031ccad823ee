internal import Basics

/// A body in Prometheus' text format 0.0.4, parsed independently: it shares no code with the writer of the format.
///
/// Stricter than Prometheus: every family has its HELP and TYPE line before its samples and is in one place, and no series occurs twice.
package struct ParsedExposition: Sendable {
    package struct Sample: Sendable, Hashable {
        package let name: String
        package let labels: [String: String]
        /// The unparsed text.
        package let text: String
        package let value: Double
    }

    package struct Family: Sendable {
        package let name: String
        package let help: String
        package let type: String
        package fileprivate(set) var samples: [Sample] = []
    }

    /// An error in a body, with its line.
    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    package private(set) var families: [Family] = []

    package init(_ body: [UInt8]) throws(Malformed) {
        guard body.isEmpty || body.last == UInt8(ascii: "\n") else { throw Malformed(description: "no line feed at the end") }
        var seen: Set<Sample.Series> = []
        var names: Set<String> = []
        var number = 0
        var help: (name: String, text: String)?
        for line in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            number += 1
            func malformed(_ reason: String) -> Malformed {
                Malformed(description: "line \(number): \(reason): \(String(decoding: line, as: UTF8.self))")
            }
            var reader = TextFormatReader(rest: line)
            if reader.take("# HELP ") {
                guard help == nil, let name = reader.name(), reader.take(" "), let text = reader.helpText() else {
                    throw malformed("not a HELP line")
                }
                help = (name, text)
            } else if reader.take("# TYPE ") {
                guard let name = reader.name(), reader.take(" "), let type = reader.word(), let declared = help,
                    declared.name == name
                else { throw malformed("a TYPE line without its HELP line") }
                guard names.insert(name).inserted else { throw malformed("a family in two places") }
                families.append(Family(name: name, help: declared.text, type: type))
                help = nil
            } else {
                guard help == nil, !families.isEmpty, let sample = reader.sample() else { throw malformed("not a sample") }
                let family = families[families.count - 1]
                guard family.allows(sample) else { throw malformed("not a sample of the family \(family.name)") }
                guard seen.insert(sample.series).inserted else { throw malformed("a series that came before") }
                families[families.count - 1].samples.append(sample)
            }
        }
        guard help == nil else { throw Malformed(description: "the last HELP line has no TYPE line") }
        for family in families where family.samples.isEmpty { throw Malformed(description: "\(family.name) has no samples") }
    }

    package subscript(family name: String) -> Family? { families.first { $0.name == name } }

    /// The samples of a family that have all of the given labels.
    package func samples(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        let family = families.first { family in family.samples.contains { $0.name == name } }
        return (family?.samples ?? []).filter { sample in
            sample.name == name && labels.allSatisfy { sample.label($0.key) == Identifier($0.value) }
        }
    }

    /// The value of the only sample with all of the given labels; nil when there is none, or more than one.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let matching = samples(name, labels)
        return matching.count == 1 ? matching[0].value : nil
    }

    /// Every label value of every sample.
    package var labelValues: Set<String> {
        Set(families.flatMap(\.samples).flatMap(\.labels.values))
    }
}

extension ParsedExposition.Sample {
    fileprivate struct Series: Hashable {
        let name: String
        let labels: [String: Identifier]
    }

    /// Prometheus compares bytes.
    fileprivate var series: Series { Series(name: name, labels: labels.mapValues { Identifier($0) }) }

    fileprivate func label(_ name: String) -> Identifier? { labels[name].map { Identifier($0) } }
}

extension ParsedExposition.Family {
    fileprivate func allows(_ sample: ParsedExposition.Sample) -> Bool {
        switch type {
        case "counter", "gauge": sample.name == name
        case "histogram":
            sample.name == name + "_bucket" && sample.labels["le"] != nil || sample.name == name + "_sum"
                || sample.name == name + "_count"
        default: false
        }
    }
}

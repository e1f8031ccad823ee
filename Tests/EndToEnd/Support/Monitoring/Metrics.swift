import Foundation

/// The response to a scrape, parsed as Prometheus parses the text format 0.0.4.
struct Metrics {
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    let text: String
    let samples: [Sample]
    /// The declared families, in order.
    let families: [String]

    init(_ text: String) throws {
        self.text = text
        let lines = text.unicodeScalars.split(separator: "\n").map(Substring.init)
        families = lines.filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) }
        samples = try lines.filter { !$0.hasPrefix("#") }.map { try Sample($0) }
    }

    /// The values of the series with a name and at least the given labels.
    func values(_ name: String, _ labels: [String: String] = [:]) -> [Double] {
        series(name, labels).map(\.value)
    }

    /// The value of the only such series; nil when there is none, or more than one.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let values = values(name, labels)
        return values.count == 1 ? values[0] : nil
    }

    func series(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        samples.filter { sample in sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value } }
    }

    /// The distinct values of a label over all series.
    func labelValues(_ label: String) -> Set<String> {
        Set(samples.compactMap { $0.labels[label] })
    }
}

extension Metrics.Sample {
    struct Malformed: Error {
        let line: String
    }

    /// Reads `name{label="value",…} value`. By scalars: a quote and a following combining mark are one character.
    init(_ line: Substring) throws {
        var rest = line.unicodeScalars
        let malformed = Malformed(line: String(line))
        func text(until ends: (Unicode.Scalar) -> Bool) -> String {
            let text = rest.prefix { !ends($0) }
            rest = rest.dropFirst(text.count)
            return String(text)
        }
        func takes(_ scalar: Unicode.Scalar) -> Bool {
            guard rest.first == scalar else { return false }
            rest = rest.dropFirst()
            return true
        }
        name = text { $0 == "{" || $0 == " " }
        var labels: [String: String] = [:]
        if takes("{") {
            while !takes("}") {
                let label = text { $0 == "=" }
                guard takes("="), takes("\""), let value = Self.quoted(&rest), labels.updateValue(value, forKey: label) == nil
                else {
                    throw malformed
                }
                _ = takes(",")
            }
        }
        self.labels = labels
        guard takes(" "), let value = Double(String(rest)) else { throw malformed }
        self.value = value
    }

    /// Reads a label's value up to and including the closing quote.
    private static func quoted(_ scalars: inout Substring.UnicodeScalarView) -> String? {
        var value = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"": return String(value)
            case "\\":
                guard let escaped = scalars.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(scalar)
            }
        }
        return nil
    }
}

import Exposition
import TestSupport

/// Families of every type, as a source of metrics would declare them.
enum SampleFamilies: Int, MetricFamilySet {
    case information, temperature, requests, duration, unused

    var family: MetricFamily {
        switch self {
        case .information:
            MetricFamily("demo_info", .info, help: "A demonstration, always 1.", labelNames: ["name"])
        case .temperature:
            MetricFamily("demo_temperature", .gauge, help: #"Degrees; a back\slash and a "quote"."#, labelNames: ["place"])
        case .requests:
            MetricFamily("demo_requests_total", .counter, help: "Requests.", labelNames: ["code"])
        case .duration:
            MetricFamily("demo_duration_seconds", .histogram, unit: .seconds, help: "Durations.", labelNames: ["endpoint"])
        case .unused:
            MetricFamily("demo_unused", .gauge, help: "Never written.")
        }
    }
}

/// The body of a response as one text.
func body(of families: [RenderedFamily]) -> String {
    String(decoding: bodyBytes(of: families), as: UTF8.self)
}

func bodyBytes(of families: [RenderedFamily]) -> [UInt8] {
    MetricSnapshot(families).body(in: .text).bytes
}

/// A value as it is written in a sample.
func written(_ value: SampleValue) -> String {
    var samples = SampleWriter<SampleFamilies>()
    samples.append(.temperature, value: value)
    let line = body(of: samples.rendered()).split(separator: "\n").last ?? ""
    return String(line.split(separator: " ").last ?? "")
}

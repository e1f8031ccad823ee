internal import Exposition

/// Labels, escapes, numbers and whole sample lines.
enum RenderingBenchmarks {
    private enum Families: Int, MetricFamilySet {
        case status, latency

        var family: MetricFamily {
            switch self {
            case .status: MetricFamily("benchmark_bucket_node_status", .gauge, help: "Status.")
            case .latency: MetricFamily("benchmark_bucket_node_latency_seconds", .gauge, unit: .seconds, help: "Latency.")
            }
        }
    }

    private static let count = 1_000_000

    static func run(_ stopwatch: Stopwatch) {
        let series = LabelBlock([
            "bucket_id": "0190a1b2-7c3d-7e4f-8a9b-0c1d2e3f4a5b", "bucket_name": "photos", "node": "203.0.113.7",
        ])
        let state = LabelBlock(["status": "online"])
        samples(stopwatch, "samples with whole values", series, state) { SampleValue(Int($0) & 1) }
        samples(stopwatch, "samples with latencies such as 0.0427", series, .none) { .real(Double($0 % 1000) / 10_000) }
        samples(stopwatch, "samples with times such as 1705314600.123", series, .none) { .real(1_705_314_600.123 + Double($0)) }
        labels(stopwatch, "label blocks, nothing to escape", name: "photos of the summer")
        labels(stopwatch, "label blocks, something to escape", name: "photos \"of\" the\\summer\n")
    }

    private static func samples(
        _ stopwatch: Stopwatch, _ name: String, _ labels: LabelBlock, _ more: LabelBlock, _ value: (Int64) -> SampleValue
    ) {
        stopwatch.time(name, count: count, of: "samples") {
            var samples = SampleWriter<Families>()
            let family = more == .none ? Families.latency : .status
            for number in 0..<Int64(count) { samples.append(family, labels, more, value: value(number)) }
            return MetricSnapshot(samples.rendered()).body(in: .text).count
        }
    }

    private static func labels(_ stopwatch: Stopwatch, _ name: String, name value: String) {
        stopwatch.time(name, count: count, of: "blocks of three labels") {
            var hash = 0
            for _ in 0..<count {
                let block = LabelBlock([
                    "bucket_id": "0190a1b2-7c3d-7e4f-8a9b-0c1d2e3f4a5b", "bucket_name": value, "node": "203.0.113.7",
                ])
                if block != .none { hash += 1 }
            }
            return hash
        }
    }
}

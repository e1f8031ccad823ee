import Exposition
import Testing

@Suite struct HistogramTests {
    @Test func bucketsAreCumulative() {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(
            .duration, LabelBlock(["endpoint": "GET /bucket"]),
            histogram: Histogram(upperBounds: [0.005, 1, 2.5], counts: [1, 0, 3, 2], sum: 12.25))
        #expect(
            body(of: samples.rendered()) == """
                # HELP demo_duration_seconds Durations.
                # TYPE demo_duration_seconds histogram
                demo_duration_seconds_bucket{endpoint="GET /bucket",le="0.005"} 1
                demo_duration_seconds_bucket{endpoint="GET /bucket",le="1.0"} 1
                demo_duration_seconds_bucket{endpoint="GET /bucket",le="2.5"} 4
                demo_duration_seconds_bucket{endpoint="GET /bucket",le="+Inf"} 6
                demo_duration_seconds_sum{endpoint="GET /bucket"} 12.25
                demo_duration_seconds_count{endpoint="GET /bucket"} 6

                """)
    }

    @Test func emptyHistogramHasItsSeries() {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.duration, histogram: Histogram(upperBounds: [], counts: [0], sum: 0))
        let text = body(of: samples.rendered())
        #expect(text.contains("demo_duration_seconds_bucket{le=\"+Inf\"} 0\n"))
        #expect(text.contains("demo_duration_seconds_sum 0\ndemo_duration_seconds_count 0\n"))
    }
}
